import type { FunctionComponent } from 'preact';
import type { Seat } from '../../../protocol/player-messages.ts';
import type { Words } from '../words/words.ts';

/**
 * How one game looks and is played on the page. A new game adds one file that exports one of these, a line in
 * `games/index.ts`, and its words in the catalogue. The rules stay on the server: what `Board` offers as legal only spares
 * the player a refusal.
 *
 * `Position` is what the game makes of a match's state.
 */
export interface WebGame<Position = unknown> {
  /** The game's id on the server, such as `tic-tac-toe`. */
  readonly game: string;
  /** What each seat plays with, by seat. */
  readonly marks: readonly string[];

  title(words: Words): string;
  /** One sentence for somebody who has never played it. */
  rule(words: Words): string;

  /** What the state shows; `null` is the state of a match that has not begun. @throws Error when it is none of this game */
  readPosition(state: unknown): Position;

  /** A move as it is said aloud. */
  nameMove(move: unknown, words: Words): string;

  /** The board, as wide as its container. It takes the focus as one stop, and must be playable by keyboard alone. */
  readonly Board: FunctionComponent<BoardProps<Position>>;
}

export interface BoardProps<Position> {
  readonly position: Position;
  /** The move that led to the position. */
  readonly lastMove?: unknown;
  /** The seat that may choose a move here and now; absent for everybody else. */
  readonly chooser?: Seat;
  /** A move on its way to the server, and whose it is. */
  readonly pending?: { readonly seat: Seat; readonly move: unknown };
  onMove(move: unknown): void;
}
