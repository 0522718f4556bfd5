import type { HttpRoute } from '../http-route.ts';

/** Where the page is that signs a browser in at a route; `to` is where it was going. */
export function enterUrl({ name, place }: HttpRoute, to: string): string {
  const start = place.kind === 'host' ? place.entrance : '';
  return `${start}/routes/${name}/enter?to=${encodeURIComponent(to)}`;
}

/** Where a browser hands its entry token in, at the route itself. */
export function entryPath({ place }: HttpRoute): string {
  return `${place.kind === 'path' ? place.path : '/'}.castling/enter`;
}

/** The same as a form names it. @param host the `Host` by which the page with the form was asked for: routes are on its port */
export function entryUrl(route: HttpRoute, host: string): string {
  const { place } = route;
  if (place.kind === 'path') return entryPath(route);
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  return `https://${place.host}${port}${entryPath(route)}`;
}

/** A path within the route, wherever somebody wanted to be led: nothing else is followed (CWE-601). */
export function safeDestination({ place }: HttpRoute, to: string | null | undefined): string {
  const prefix = place.kind === 'path' ? place.path : '/';
  // As a browser reads it: "//host", "/\host" and control characters in between lead away.
  const url = to?.startsWith('/') ? URL.parse(to, 'https://castling.invalid') : null;
  if (url?.host !== 'castling.invalid' || !url.pathname.startsWith(prefix)) return prefix;
  return `${url.pathname}${url.search}`;
}
