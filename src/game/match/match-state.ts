/**
 * A match is the fold of its events: `events.reduce(apply, undefined)`. Nothing else ever changes one.
 *
 * ```
 *            created                started                 ended
 *   (nothing) ─────▶ waiting ─────────────────▶ playing ───────────▶ over
 *                     │  ▲ joined                 │ ▲ moved, draw…     │ ▲ rematchOffered,
 *                     │  └──┘                     └─┘                  └─┘ rematchAgreed
 *                     └───────────── ended (cancelled) ───────────────▶
 * ```
 */
import type { GameId, InviteCode, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import type { MatchResult, MatchStatus, Seat, Visibility } from '../../protocol/player-messages.ts';
import type { LoggedEvent } from './logged-event.ts';

export interface MatchState {
  readonly match: MatchId;
  readonly game: GameId;
  readonly visibility: Visibility;
  readonly code: InviteCode | undefined;
  readonly status: MatchStatus;
  /** The last event's sequence. */
  readonly seq: number;
  /** The last event's time, Unix milliseconds. */
  readonly at: number;
  readonly seats: readonly (Pseudonym | null)[];
  readonly turn: Seat | null;
  /** The whole truth in the form of the game's rules; null until the match has started. */
  readonly whole: Json;
  readonly result: MatchResult | null;
  readonly drawOffer: Seat | null;
  readonly rematchOffers: readonly Seat[];
  readonly next: MatchId | undefined;
}

/** The log says something that cannot have happened. */
export class ImpossibleEvent extends Error {
  override readonly name = 'ImpossibleEvent';
}

/**
 * The state after one more event. It trusts the rules' part of an event, since the rules were asked before it
 * was logged, and checks what holds for every game.
 *
 * @throws ImpossibleEvent when the event cannot follow
 */
export function apply(state: MatchState | undefined, event: LoggedEvent, match: MatchId): MatchState {
  const expected = (state?.seq ?? 0) + 1;
  if (event.seq !== expected)
    throw new ImpossibleEvent(`Event ${event.seq} stands where ${expected} belongs.`);
  if (event.type === 'created') {
    if (state !== undefined) throw new ImpossibleEvent('A match was created twice.');
    return {
      match,
      game: event.game,
      visibility: event.visibility,
      code: event.code,
      status: 'waiting',
      seq: event.seq,
      at: event.at,
      seats: Array<Pseudonym | null>(event.seats).fill(null),
      turn: null,
      whole: null,
      result: null,
      drawOffer: null,
      rematchOffers: [],
      next: undefined,
    };
  }
  if (state === undefined) throw new ImpossibleEvent(`A match began with ${event.type}.`);
  return { ...state, ...changes(state, event), seq: event.seq, at: event.at };
}

function changes(state: MatchState, event: Exclude<LoggedEvent, { type: 'created' }>): Partial<MatchState> {
  switch (event.type) {
    case 'joined':
      demand(state.status === 'waiting' && state.seats[event.seat] === null, event);
      return { seats: state.seats.with(event.seat, event.player) };
    case 'started':
      demand(state.status === 'waiting' && !state.seats.includes(null), event);
      return { status: 'playing', whole: event.whole, turn: event.turn };
    case 'moved':
      demand(state.status === 'playing' && state.turn === event.seat, event);
      return {
        whole: event.whole,
        turn: event.turn,
        // One's own offer stays open while one moves; to move instead of answering declines the opponent's.
        drawOffer: state.drawOffer === event.seat ? state.drawOffer : null,
      };
    case 'drawOffered':
      demand(state.status === 'playing' && state.drawOffer === null, event);
      return { drawOffer: event.seat };
    case 'drawDeclined':
    case 'drawAccepted':
      demand(state.status === 'playing' && state.drawOffer !== null && state.drawOffer !== event.seat, event);
      return { drawOffer: null };
    case 'resigned':
      demand(state.status === 'playing', event);
      return {};
    case 'ended':
      demand(state.status !== 'over', event);
      return { status: 'over', turn: null, drawOffer: null, result: event.result };
    case 'rematchOffered':
      demand(state.status === 'over' && !state.rematchOffers.includes(event.seat), event);
      return { rematchOffers: [...state.rematchOffers, event.seat] };
    case 'rematchAgreed':
      demand(state.status === 'over' && state.next === undefined, event);
      return { next: event.next };
  }
}

function demand(holds: boolean, event: LoggedEvent): asserts holds {
  if (!holds)
    throw new ImpossibleEvent(`Event ${event.seq} (${event.type}) cannot follow the one before it.`);
}

/** The seat that a player holds, or undefined. */
export function seatOf(state: MatchState, player: Pseudonym): Seat | undefined {
  const seat = state.seats.indexOf(player);
  return seat === -1 ? undefined : seat;
}
