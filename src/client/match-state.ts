import type { MatchEvent, MatchSnapshot, Seat } from '../protocol/player-messages.ts';

/** A match as its events have made it so far, for this audience. */
export interface MatchState extends MatchSnapshot {
  /** Seats that have offered a rematch. A snapshot does not tell; then only offers seen since are here. */
  readonly rematchOffers: readonly Seat[];
  /** The match that follows this one, once both offered. */
  readonly next: string | null;
}

/** Where the story starts anew: at a snapshot. What a snapshot cannot tell is kept from `before`. */
export function startFrom(snapshot: MatchSnapshot, before?: MatchState): MatchState {
  return { ...snapshot, rematchOffers: before?.rematchOffers ?? [], next: before?.next ?? null };
}

/** Where the story starts with its first event. */
function startWith(event: Extract<MatchEvent, { type: 'created' }>): MatchState {
  const { match, game, visibility, seq } = event;
  return {
    match,
    game,
    visibility,
    seq,
    status: 'waiting',
    seats: Array.from({ length: event.seats }, (_, seat) => ({ seat, name: null })),
    turn: null,
    state: null,
    result: null,
    drawOffer: null,
    rematchOffers: [],
    next: null,
  };
}

/**
 * The state after one more event. The caller guarantees that `event.seq` follows `state.seq`, and that a match without
 * a state starts with `created`; otherwise it gives `undefined`. Types of events that a newer server invented only
 * move the sequence.
 */
export function applyEvent(state: MatchState | undefined, event: MatchEvent): MatchState | undefined {
  if (state === undefined) return event.type === 'created' ? startWith(event) : undefined;
  const next: MatchState = { ...state, seq: event.seq };
  switch (event.type) {
    case 'joined':
      return { ...next, seats: withPlayer(state.seats, event) };
    case 'started':
      return { ...next, status: 'playing', state: event.state, turn: event.turn };
    case 'moved': {
      // To move on is to decline; the one who offered may move with the offer standing.
      const drawOffer = state.drawOffer === event.seat ? event.seat : null;
      return { ...next, state: event.state, turn: event.turn, drawOffer };
    }
    case 'drawOffered':
      return { ...next, drawOffer: event.seat };
    case 'drawDeclined':
      return { ...next, drawOffer: null };
    case 'drawAccepted':
    case 'resigned':
      // `ended` follows; until it is here, nobody is to move.
      return { ...next, turn: null, drawOffer: null };
    case 'ended':
      return { ...next, status: 'over', result: event.result, turn: null, drawOffer: null };
    case 'rematchOffered':
      return { ...next, rematchOffers: [...state.rematchOffers, event.seat] };
    case 'rematchAgreed':
      return { ...next, next: event.next };
    default:
      return next;
  }
}

/** Whether the event changes what a move means. A move made before such an event must not be sent after it. */
export function changesPosition(event: MatchEvent): boolean {
  return (
    event.type === 'started' || event.type === 'moved' || event.type === 'ended' || event.type === 'resigned'
  );
}

function withPlayer(
  seats: MatchState['seats'],
  { seat, name, guest }: Extract<MatchEvent, { type: 'joined' }>,
): MatchState['seats'] {
  return seats.map((each) => (each.seat === seat ? { seat, name, ...(guest && { guest }) } : each));
}
