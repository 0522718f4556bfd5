/** The route of the player protocol, and the upgrade that leads to it. */
export const gameRoute = 'game';
export const upgradeKind = 'GET /play';

/**
 * What filters call an HTTP request: its method and the pattern of the route that serves it, so that no other spelling of a path
 * goes round a rule. `/*` is what nothing serves; HEAD is a GET (RFC 9110 section 9.3.2).
 */
export function requestKind(method: string, pattern: string | undefined): string {
  return `${method === 'HEAD' ? 'GET' : method} ${pattern ?? '/*'}`;
}

/** Which of the proxy's own routes serves a path. */
export function ownRoute(pattern: string | undefined): 'accounts' | 'api' | 'page' {
  if (pattern === undefined) return 'page';
  if (/^\/(auth|\.well-known)\//.test(pattern)) return 'accounts';
  return pattern.startsWith('/api/') ? 'api' : 'page';
}
