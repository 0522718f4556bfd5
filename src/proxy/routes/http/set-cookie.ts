import type { RoutePlace } from './http-route.ts';
import { publicPath } from './public-path.ts';
import { isOurCookie } from './request-fields.ts';

/**
 * A cookie that an upstream sets, as the browser gets it: for the route's host and path alone, and only over TLS.
 * `undefined` for one that would be Castling's, or that a route by path cannot have.
 *
 * - `Domain` goes, or the cookie would reach other hosts of the domain (RFC 6265 section 5.3).
 * - `Path` is what the browser sees. A `__Host-` cookie must have `/`, where it would reach every other route.
 */
export function settableCookie(
  text: string,
  { place, upstreamPath }: { readonly place: RoutePlace; readonly upstreamPath: string },
): string | undefined {
  const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
  if (isOurCookie(pair) || !/^[^=\s]+=/.test(pair)) return undefined;
  if (place.kind === 'path' && /^__host-/i.test(pair)) return undefined;
  const kept: string[] = [];
  for (const attribute of attributes) {
    const name = /^[^=\s]*/.exec(attribute)?.[0].toLowerCase();
    if (name === 'domain' || name === 'secure') continue;
    if (name !== 'path') kept.push(attribute);
    else if (place.kind === 'host') kept.push(attribute);
    else kept.push(`Path=${publicPath(attribute.slice('path='.length), { place, upstreamPath })}`);
  }
  const hasPath = kept.some((attribute) => attribute.startsWith('Path='));
  // Without one the browser takes the request's, which lies in the route; but not all routes' paths end where a request's do.
  if (place.kind === 'path' && !hasPath) kept.push(`Path=${place.path}`);
  return [pair, ...kept, 'Secure'].join('; ');
}
