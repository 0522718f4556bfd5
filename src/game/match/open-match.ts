import type { InviteCode, Pseudonym } from '../../protocol/ids.ts';
import type { Seat, Visibility } from '../../protocol/player-messages.ts';
import type { Game } from '../rules/index.ts';
import type { Cause, Happening } from './logged-event.ts';

/** A player on the way into a match, and the command that brings them. */
export interface Entrant {
  readonly player: Pseudonym;
  readonly cause?: Cause;
}

/**
 * The first events of a match: it is created, the entrants take the seats in their order, and when no seat is
 * left it starts. All of them are logged together, so that no half-made match is ever seen.
 */
export function openMatch({
  game,
  visibility,
  code,
  entrants,
}: {
  readonly game: Game;
  readonly visibility: Visibility;
  readonly code?: InviteCode | undefined;
  readonly entrants: readonly Entrant[];
}): readonly Happening[] {
  return [
    { type: 'created', game: game.game, visibility, seats: game.seats, ...(code && { code }) },
    ...entrants.map((entrant, seat): Happening => ({ type: 'joined', seat, ...entrant })),
    ...(entrants.length === game.seats ? [begin(game)] : []),
  ];
}

/** A player takes a seat, and the match starts when it was the last. */
export function takeSeat({
  game,
  seat,
  entrant,
  isLast,
}: {
  readonly game: Game;
  readonly seat: Seat;
  readonly entrant: Entrant;
  readonly isLast: boolean;
}): readonly Happening[] {
  const joined: Happening = { type: 'joined', seat, ...entrant };
  return isLast ? [joined, begin(game)] : [joined];
}

function begin(game: Game): Happening {
  const whole = game.start();
  return { type: 'started', whole, turn: game.turn(whole) };
}
