import { mayBePassed } from './request-field.ts';
import type { Settings } from './schema.ts';

type Route = Settings['routes'][number];
type HttpRoute = Extract<Route, { readonly kind: 'http' }>;

/** Paths that Castling itself answers, or may come to answer. */
const own = ['/api/', '/assets/', '/auth/', '/play/', '/routes/', '/tunnel/', '/.well-known/', '/.castling/'];

/** What no single key of an `http` route can say. */
export function httpRouteFault(routes: readonly Route[]): string | undefined {
  const places = new Map<string, string>();
  for (const route of routes) {
    if (route.kind !== 'http') continue;
    const fault = faultOf(route);
    if (fault !== undefined) return `the route ${route.name} ${fault}`;
    const place = route.host ?? route.path ?? '';
    const other = places.get(place);
    if (other !== undefined) return `the routes ${other} and ${route.name} are both at ${place}; move one.`;
    places.set(place, route.name);
  }
  return undefined;
}

function faultOf({
  host,
  path,
  entrance,
  signIn,
  requestFields,
  cache,
  ca,
  tls,
}: HttpRoute): string | undefined {
  if ((host === undefined) === (path === undefined)) return 'needs either a host or a path.';
  if (path !== undefined && own.some((prefix) => path.startsWith(prefix))) {
    return `cannot be at ${path}, which is Castling’s own; choose another path.`;
  }
  if (host !== undefined && signIn === 'required' && entrance === undefined) {
    return 'has a host and lets only players in; give its entrance, the origin of Castling’s own page.';
  }
  const refused = requestFields.find((name) => !mayBePassed(name));
  if (refused !== undefined) return `cannot pass ${refused} on; only the proxy may say that.`;
  if (ca !== undefined && !tls) return 'has a ca and no TLS; say tls: true.';
  if (cache.bodySize > cache.size)
    return 'keeps one body that is larger than its whole cache; give cache.size more.';
  return undefined;
}
