import { isIP } from 'node:net';
import { type Address, writeAddress } from './keys/address.ts';
import type { Settings } from './schema.ts';
import { ownRoutes } from './sections/filters.ts';

type Route = Settings['routes'][number];

/** What no single key of a route can say: names and upstreams that stand twice, and upstreams that are parts of this Castling. */
export function routesFault(settings: Settings): string | undefined {
  const { routes } = settings;
  const twice = firstTwice(routes.map(({ name }) => name));
  if (twice !== undefined) return `two routes are called ${twice}; give each a name of its own.`;
  for (const route of routes) {
    const fault = faultOf(route, settings);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(route: Route, settings: Settings): string | undefined {
  const { name, upstreams, allow, accounts } = route;
  // Filters tell routes apart by their names, and players’ pseudonyms differ by them.
  if ((ownRoutes as readonly string[]).includes(name)) {
    return `${name} is a route of Castling itself; give this one another name.`;
  }
  if (upstreams.length === 0) return `the route ${name} has no upstreams; give at least one.`;
  const twice = firstTwice(upstreams.map(({ address }) => writeAddress(address)));
  if (twice !== undefined) return `the route ${name} lists ${twice} twice; give it a larger weight instead.`;
  if ((allow === 'listed') !== accounts.length > 0) {
    return `the route ${name} needs both allow: listed and its accounts, or neither.`;
  }
  for (const { address } of upstreams) {
    const own = ownPart(address, settings);
    if (own !== undefined) {
      return `the route ${name} leads to ${writeAddress(address)}, which is ${own}; give the address of the program that players are to reach.`;
    }
  }
  return undefined;
}

/**
 * The part of this Castling that listens there. What listens on this machine alone trusts whoever reaches it, and a route would let
 * players reach it; a route to the player port leads in a circle.
 */
function ownPart({ host, port }: Address, { proxy, backend }: Settings): string | undefined {
  if (!isThisMachine(host) && host !== proxy.host && host !== backend.host) return undefined;
  if (port === proxy.adminPort && port !== 0) return 'the operator’s port of this Castling';
  if (port === proxy.port && port !== 0) return 'the players’ port of this Castling';
  if (port >= backend.port && port < backend.port + backend.count) return 'the game backend of this Castling';
  return undefined;
}

function isThisMachine(host: string): boolean {
  const name = host.toLowerCase();
  if (isIP(name) === 4) return name.startsWith('127.') || name === '0.0.0.0';
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || name === '::';
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
