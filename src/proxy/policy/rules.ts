/** The rules that need no memory: each looks at the socket as it is and at one request. */
import type { MatchId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Refusal, type RefusalCode, refuse } from '../../protocol/refusals.ts';
import type { Inbound } from '../inbound.ts';
import type { SocketFilter } from './filters/filters.ts';
import type { Caller } from './limits/caller.ts';
import type { TurnPass } from './limits/turn-pass.ts';

/** What the rules look at in a socket. */
export interface Asking {
  readonly caller: Caller;
  readonly filter: SocketFilter;
  /** Requests that wait for an answer. */
  readonly unanswered: number;
  /** Matches followed, and asked to follow. */
  readonly follows: number;
  isFollowing(match: MatchId): boolean;
  /** Of the socket's seat, when the move that fills this sequence is its to make, as far as is known here. */
  turnPass(match: MatchId, seq: number): TurnPass | undefined;
}

interface Rule {
  readonly id: string;
  readonly refusal: RefusalCode;
  /** Milliseconds after which the same request may pass, where waiting helps. */
  readonly retryAfterMs?: number;
  readonly reason?: string;
  /** The move of the seat whose turn it is passes it. */
  readonly sparesTurn?: true;
  forbids(request: Inbound, asking: Asking): boolean;
}

const rules: readonly Rule[] = [
  {
    id: 'in-flight.socket',
    refusal: 'too_many_in_flight',
    retryAfterMs: 250,
    sparesTurn: true,
    forbids: (_request, asking) => asking.unanswered >= limits.commandsInFlight,
  },
  {
    id: 'follows.socket',
    refusal: 'too_many_follows',
    forbids: (request, asking) =>
      asking.follows >= limits.followedMatches && startsFollowing(request, asking),
  },
  {
    id: 'follows.unwatch',
    refusal: 'not_following',
    forbids: (request, asking) =>
      request.method === 'match.unwatch' && !asking.isFollowing(request.params.match as MatchId),
  },
  {
    id: 'size.move',
    refusal: 'params_invalid',
    reason: `A move is at most ${limits.moveBytes} bytes of JSON.`,
    forbids: (request) =>
      request.method === 'match.move' &&
      Buffer.byteLength(JSON.stringify(request.params.move)) > limits.moveBytes,
  },
];

/** The refusal of the first rule that forbids the request. */
export function firstRefusal(
  request: Inbound,
  asking: Asking,
  { isTurn }: { readonly isTurn: boolean },
): Refusal | undefined {
  for (const rule of rules) {
    if ((isTurn && rule.sparesTurn) || !rule.forbids(request, asking)) continue;
    const { id, refusal, retryAfterMs, reason } = rule;
    return refuse(refusal, {
      rule: id,
      ...(reason === undefined ? {} : { reason }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  return undefined;
}

function startsFollowing(request: Inbound, asking: Asking): boolean {
  switch (request.method) {
    case 'match.create':
      return true;
    case 'match.join':
    case 'match.watch':
      return request.params.match === undefined || !asking.isFollowing(request.params.match as MatchId);
    default:
      return false;
  }
}
