/**
 * What a game's author writes. One object, all of it pure: no clock, no randomness, no input or output,
 * nothing kept between calls, and no argument changed. The same arguments always give the same result.
 *
 * How it is used, in the life of one match:
 *
 * ```
 *   every seat is taken      state = start()
 *   a player sends JSON      move  = parse(json)                  or a refusal
 *   it is that seat's turn   state = play({ state, seat, move })  or a refusal
 *   after each state         turn(state), outcome(state), view(state, audience)
 * ```
 *
 * The match around it (seats, turns, resignation, draw offers, idempotency, the log, who hears of what) is
 * the backend's work. To add a game, write a file beside `tic-tac-toe.ts` and name it in `index.ts`.
 *
 * States and moves are plain JSON, since the log keeps them: no `undefined`, `Date`, `Map` or class; declare
 * them with `type`, since an `interface` does not count as JSON. A later version of the same rules must be
 * able to go on from the states that an earlier one logged.
 */
import { type GameId, idPatterns } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import type { Audience } from '../../protocol/link-messages.ts';
import type { Seat } from '../../protocol/player-messages.ts';

export interface Rules<State extends Json, Move extends Json> {
  /** The name in commands and addresses: lower case, digits, hyphens; never changed once matches exist. */
  readonly game: string;
  /** The name for people. */
  readonly title: string;
  /**
   * How many players one match has. Seats are numbered from 0; seat 0 is listed first, and need not move
   * first.
   */
  readonly seats: 2;
  /**
   * True when `view` or `viewMove` keeps anything from anybody. Then each seat, and the spectators together,
   * have a stream of their own; otherwise all share one, which costs less.
   */
  readonly hiddenInformation: boolean;

  /** The state before the first move. */
  start(): State;

  /** Whose move it is; null when nobody can move, which must be so whenever `outcome` is not null. */
  turn(state: State): Seat | null;

  /**
   * From what a player sent, at most 1 KiB of JSON, to a move of this game. Total: whatever `input` is, it
   * returns. Give only what you checked, never `input` itself, since the result is logged. Does not see the
   * state: that is `play`'s.
   */
  parse(input: Json): Parsed<Move>;

  /** The state after the move. Called only for the seat whose turn it is. */
  play(turn: { readonly state: State; readonly seat: Seat; readonly move: Move }): Played<State>;

  /** How the game stands: null while it goes on. */
  outcome(state: State): Outcome | null;

  /**
   * What an audience may see of a state. For a game without hidden information the audience is always `all`.
   */
  view(state: State, audience: Audience): Json;

  /** What an audience may see of a move that was made; all of it when this method is left out. */
  viewMove?(made: { readonly move: Move; readonly seat: Seat; readonly audience: Audience }): Json;
}

/** `reason` is one word of the rules, such as `line` or `checkmate`; clients show it or translate it. */
export type Outcome =
  | { readonly kind: 'won'; readonly seat: Seat; readonly reason: string }
  | { readonly kind: 'drawn'; readonly reason: string };

export type Parsed<Move> = { readonly move: Move } | ParseRefusal;
export type Played<State> = { readonly state: State } | PlayRefusal;

/**
 * `move_malformed`: not a move of this game at all. `move_out_of_range`: of the right form, but off the
 * board.
 */
export interface ParseRefusal {
  readonly refused: 'move_malformed' | 'move_out_of_range';
  /** A sentence for the player, more exact than the catalogue's. */
  readonly reason?: string;
}

/** `move_occupied`: the place is taken. `move_illegal`: anything else that the rules forbid here. */
export interface PlayRefusal {
  readonly refused: 'move_occupied' | 'move_illegal';
  readonly reason?: string;
}

/**
 * Rules of some game, as the backend holds them: it hands states and moves back to the rules that made them,
 * and never looks inside.
 */
export interface Game extends Rules<Json, Json> {
  readonly game: GameId;
}

/**
 * Makes a game out of its author's rules.
 *
 * @throws TypeError when the name or the title cannot be
 */
export function defineGame<State extends Json, Move extends Json>(rules: Rules<State, Move>): Game {
  if (!new RegExp(idPatterns.game).test(rules.game)) {
    throw new TypeError(
      `A game's name matches ${idPatterns.game}; this one is ${JSON.stringify(rules.game)}.`,
    );
  }
  if (rules.title === '') throw new TypeError(`The game ${rules.game} has no title.`);
  // Sound, because the backend gives to one game only what the same game gave it.
  return rules as unknown as Game;
}
