import type { IncomingMessage } from 'node:http';
import type { HttpRoute } from '../http-route.ts';

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request that a browser signed by itself comes from a page that is none of this route's (OWASP CSRF cheat sheet).
 * Compared letter for letter with the origin that the browser must name: this very host, or one that the operator lists.
 */
export function isFromElsewhere(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { origins }: Pick<HttpRoute, 'origins'>,
): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) return origin !== `https://${host}` && !origins.has(origin);
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

export function changesNothing(method: string): boolean {
  return safe.has(method);
}
