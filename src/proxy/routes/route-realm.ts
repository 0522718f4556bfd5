/**
 * The realm of a route's pseudonyms: they mean nothing at another route, nor in the game, whatever the route is called. Routes of
 * all kinds share one set of names.
 */
export function realmOf(route: string): string {
  return `route ${route}`;
}
