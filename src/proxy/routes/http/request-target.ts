/** Which route a request is for, and what its upstream is asked for: decided once, on the bytes that came (CWE-180). */
import { isPlainPath, targetMost } from '../../http/plain-path.ts';
import type { ProblemCode } from '../../http/problem.ts';
import { requestKind } from '../../policy/filters/kinds.ts';
import type { HttpRoute } from './http-route.ts';

export type TargetVerdict =
  /** `path` alone, and with the query: as the upstream gets them. */
  | { readonly kind: 'target'; readonly path: string; readonly target: string }
  /** The route's path without its last `/`. */
  | { readonly kind: 'slash-missing'; readonly location: string }
  | { readonly kind: 'refused'; readonly problem: ProblemCode };

/**
 * Nothing is decoded, merged or resolved, so that there is no second reading of a path. What an upstream might read otherwise
 * is refused.
 */
export function readTarget(url: string, { place, upstreamPath }: HttpRoute): TargetVerdict {
  if (url.length > targetMost) return { kind: 'refused', problem: 'target_too_long' };
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  const query = end === -1 ? '' : url.slice(end);
  if (!isPlainPath(path) || !isPlainQuery(query)) return { kind: 'refused', problem: 'request_invalid' };
  const prefix = place.kind === 'path' ? place.path : '/';
  if (path === prefix.slice(0, -1)) return { kind: 'slash-missing', location: `${prefix}${query}` };
  const own = `${upstreamPath}${path.slice(prefix.length)}`;
  return { kind: 'target', path: own, target: own + query };
}

/** Whether a path lies in the route. A segment is compared as it is written: `/a%2e` is not `/a.`, and `/a;x` not `/a`. */
export function isWithin(path: string, prefix: string): boolean {
  return path.startsWith(prefix) || path === prefix.slice(0, -1);
}

/** What filters call a request: the route's own pattern, so that no spelling of a path goes round a rule. */
export function kindOf({ place }: Pick<HttpRoute, 'place'>, method: string): string {
  return requestKind(method, `${place.kind === 'path' ? place.path : '/'}*`);
}

function isPlainQuery(query: string): boolean {
  return /^(?:\?[\w\-.~!$&'()*+,;=:@%/?[\]{}|^`"<>]*)?$/.test(query);
}
