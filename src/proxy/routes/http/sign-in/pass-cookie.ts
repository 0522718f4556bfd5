/**
 * The cookie that signs a browser in at a route. Its name makes browsers bind it to this very host and TLS (RFC 6265bis section
 * 4.1.3.2), so that no page of another host of the domain can put one of its own there.
 */
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';

function cookieName(route: string): string {
  return `__Host-castling-pass-${route}`;
}

/** `undefined` when there is none, or two: then this server has not set them. */
export function readPassCookie(header: string | undefined, route: string): string | undefined {
  const start = `${cookieName(route)}=`;
  const found = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  const [pair] = found;
  return found.length === 1 && pair !== undefined ? pair.slice(start.length) : undefined;
}

/** `Lax`, since people follow links to games; what changes something is guarded besides (see `isFromElsewhere`). */
export function passCookie(route: string, { token, seconds }: { token: string; seconds: number }): string {
  return `${cookieName(route)}=${token}; ${attributes}; Max-Age=${seconds}`;
}
