import type { HttpRoute } from './http-route.ts';
import { publicPath } from './public-path.ts';

export interface LocationOptions {
  readonly route: HttpRoute;
  /** The `host:port` of each upstream. */
  readonly authorities: readonly string[];
  /** What it was asked for. */
  readonly target: string;
  /** The request's `Host`. */
  readonly host: string;
}

/**
 * Where an upstream's redirect leads, as clients must see it: the upstream's own addresses become the route's. `undefined` for
 * an address that no redirect of it may lead to: this origin outside of its route, when it is a route by path, and what is no
 * address on the web.
 */
export function publicLocation(
  text: string,
  { route, authorities, target, host }: LocationOptions,
): string | undefined {
  const url = URL.parse(text, `http://${authorities[0]}${target}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const rest = `${url.search}${url.hash}`;
  // Relative ones, too: what climbs above the upstream's path would climb out of the route.
  if (authorities.includes(url.host) || url.host === route.hostField) {
    return publicPath(url.pathname, route) + rest;
  }
  if (route.place.kind === 'host') return text;
  const isHere = [host, route.publicHost].some((name) => name !== undefined && url.host === hostOf(name));
  if (!isHere) return text;
  return url.pathname.startsWith(route.place.path) ? `${url.pathname}${rest}` : undefined;
}

/** The target that a reference in an answer means, for the cache; `undefined` when it leads elsewhere (RFC 9111 section 4.4). */
export function targetOf(
  text: string,
  { route, authorities, target, host }: LocationOptions,
): string | undefined {
  const url = URL.parse(text, `http://${authorities[0]}${target}`);
  if (url === null) return undefined;
  if (authorities.includes(url.host) || url.host === route.hostField) return `${url.pathname}${url.search}`;
  const isHere = [host, route.publicHost].some((name) => name !== undefined && url.host === hostOf(name));
  const prefix = route.place.kind === 'path' ? route.place.path : '/';
  if (!isHere || !url.pathname.startsWith(prefix)) return undefined;
  return `${route.upstreamPath}${url.pathname.slice(prefix.length)}${url.search}`;
}

/** As the URL parser writes it: in lower case, without the default port. */
function hostOf(host: string): string | undefined {
  return URL.parse(`https://${host}`)?.host;
}
