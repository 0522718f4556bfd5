/** Stage 5: which backend a request goes to, and what it says there. There is one now; the signature has room for many. */

import { limits } from '../protocol/limits.ts';
import type { LinkMethod, LinkRequests } from '../protocol/link-messages.ts';
import type { Method } from '../protocol/player-messages.ts';
import type { Link } from './link/link.ts';
import type { Admitted } from './policy/policy.ts';

declare const routed: unique symbol;
/** A request on its way to its backend; only this stage makes one. */
export interface Routed {
  readonly [routed]: true;
  readonly link: Link;
  readonly method: LinkMethod;
  /** Parameters for the link, JSON. */
  readonly body: string;
}

/** Methods that the proxy answers itself. */
export type LocalMethod = 'session.open' | 'session.refresh' | 'match.unwatch';

export type ForwardedMethod = Exclude<Method, LocalMethod>;

/** The backends of one route. */
export interface Backends {
  /** The backend that owns what the request is about. */
  owner(request: Admitted): Link;
}

export function oneBackend(link: Link): Backends {
  return { owner: () => link };
}

/** How many matches a list has when the player does not say. */
const listItems = 50;
/** A match made by hand is for an invited opponent unless it says otherwise. */
const visibility = 'private';

/** Gives `undefined` for what the proxy answers itself. */
export function route(request: Admitted, backends: Backends): Routed | undefined {
  const body = bodyOf(request);
  if (body === undefined) return undefined;
  return {
    link: backends.owner(request),
    method: request.method as LinkMethod,
    body: JSON.stringify(body),
  } as Routed;
}

/** The link's parameters: the player's, checked and no more, without what only concerns this socket. */
function bodyOf(request: Admitted): LinkRequests[ForwardedMethod] | undefined {
  switch (request.method) {
    case 'session.open':
    case 'session.refresh':
    case 'match.unwatch':
      return undefined;
    case 'match.create':
      return { visibility, ...request.params } as LinkRequests['match.create'];
    case 'match.list':
      return {
        limit: Math.min(listItems, limits.listItems),
        ...request.params,
      } as LinkRequests['match.list'];
    case 'match.join':
    case 'match.watch': {
      const { after: _after, ...rest } = request.params;
      return rest as LinkRequests['match.join' | 'match.watch'];
    }
    default:
      return request.params as LinkRequests[ForwardedMethod];
  }
}
