import type { RoutePlace } from './http-route.ts';

/** A path of the upstream's as clients see it; what they cannot reach becomes the route's own path. */
export function publicPath(
  path: string,
  { place, upstreamPath }: { readonly place: RoutePlace; readonly upstreamPath: string },
): string {
  const prefix = place.kind === 'path' ? place.path : '/';
  return path.startsWith(upstreamPath) ? prefix + path.slice(upstreamPath.length) : prefix;
}
