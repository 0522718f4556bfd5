/** Stage 5: whom a request concerns, and what it says there. Where that backend is, the links know. */

import type { GameId, MatchId } from '../protocol/ids.ts';
import type { LinkMethod, LinkRequests } from '../protocol/link-messages.ts';
import { lobbyKey } from '../protocol/ownership.ts';
import type { Method } from '../protocol/player-messages.ts';
import type { About } from './link/backends.ts';
import type { Admitted } from './policy/policy.ts';

declare const routed: unique symbol;
/** A request on its way to its backend; only this stage makes one. */
export interface Routed {
  readonly [routed]: true;
  readonly about: About;
  readonly method: LinkMethod;
  /** Parameters for the link, JSON. */
  readonly body: string;
}

/** Methods that the proxy answers itself. */
export type LocalMethod = 'session.open' | 'session.refresh' | 'match.unwatch';

export type ForwardedMethod = Exclude<Method, LocalMethod>;

/** How many matches a list has when the player does not say. */
export const listLength = 50;
/** A match made by hand is for an invited opponent unless it says otherwise. */
const visibility = 'private';

/** Gives `undefined` for what the proxy answers itself. */
export function route(request: Admitted): Routed | undefined {
  const body = bodyOf(request);
  if (body === undefined) return undefined;
  return {
    about: aboutOf(request),
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
        limit: listLength,
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

/** Whoever makes a match owns it, and invite codes any backend can look up. */
function aboutOf(request: Admitted): About {
  switch (request.method) {
    case 'lobby.find':
    case 'lobby.cancel':
      return lobbyKey(request.params.game as GameId);
    case 'lobby.watch':
    case 'lobby.unwatch':
      return 'everyone';
    default:
      return 'match' in request.params && request.params.match !== undefined
        ? (request.params.match as MatchId)
        : 'anyone';
  }
}
