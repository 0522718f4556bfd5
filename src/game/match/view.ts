/** What an audience may see: the only way from the log's whole truth to anything that leaves the backend. */
import type { Pseudonym } from '../../protocol/ids.ts';
import type { Audience, LinkEvent, LinkSnapshot, PseudonymousSeat } from '../../protocol/link-messages.ts';
import type { Seat } from '../../protocol/player-messages.ts';
import type { Game } from '../rules/index.ts';
import { causeOf, type LoggedEvent } from './logged-event.ts';
import type { MatchState } from './match-state.ts';

/** The stream that serves a player in this seat, or a spectator. */
export function audienceFor(game: Game, seat: Seat | null): Audience {
  if (!game.hiddenInformation) return 'all';
  return seat === null ? 'spectators' : `seat:${seat}`;
}

/** The streams that a match of this game has. */
export function audiencesOf(game: Game): readonly Audience[] {
  return game.hiddenInformation ? everySeatApart : ['all'];
}

const everySeatApart: readonly Audience[] = ['spectators', 'seat:0', 'seat:1'];

export interface Viewer {
  readonly game: Game;
  readonly audience: Audience;
}

export function viewEvent(
  { match }: Pick<MatchState, 'match'>,
  event: LoggedEvent,
  { game, audience }: Viewer,
): LinkEvent {
  const commandId = causeOf(event)?.command;
  const base = { match, seq: event.seq, at: event.at, ...(commandId && { commandId }) };
  switch (event.type) {
    case 'created': {
      const { type, visibility, seats } = event;
      return { ...base, type, game: event.game, visibility, seats };
    }
    case 'joined':
      return { ...base, type: event.type, seat: event.seat, player: event.player };
    case 'started':
      return { ...base, type: event.type, state: game.view(event.whole, audience), turn: event.turn };
    case 'moved': {
      const { type, seat, move, turn } = event;
      // What it returns may be null, and that means nothing is shown.
      const shown = game.viewMove === undefined ? move : game.viewMove({ move, seat, audience });
      return { ...base, type, seat, move: shown, state: game.view(event.whole, audience), turn };
    }
    case 'drawOffered':
    case 'drawDeclined':
    case 'drawAccepted':
    case 'resigned':
    case 'rematchOffered':
      return { ...base, type: event.type, seat: event.seat };
    case 'ended':
      return { ...base, type: event.type, result: event.result };
    case 'rematchAgreed':
      return { ...base, type: event.type, next: event.next };
  }
}

export function viewState(state: MatchState, { game, audience }: Viewer): LinkSnapshot {
  const { match, visibility, status, seq, turn, result, drawOffer } = state;
  return {
    match,
    game: state.game,
    visibility,
    status,
    seq,
    seats: pseudonymousSeats(state.seats),
    turn,
    state: status === 'waiting' || state.whole === null ? null : game.view(state.whole, audience),
    result,
    drawOffer,
  };
}

export function pseudonymousSeats(seats: readonly (Pseudonym | null)[]): PseudonymousSeat[] {
  return seats.map((player, seat) => ({ seat, player }));
}
