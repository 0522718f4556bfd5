/**
 * How one game looks and is played in a terminal. A new game adds one file that exports one of these, and a line in
 * `games/index.ts`. The rules stay on the server: nothing here decides whether a move is legal.
 *
 * `Position` is what the game makes of a match's state, `Cursor` whatever it needs to remember between two keys.
 */
export interface TerminalGame<Position = unknown, Cursor = unknown> {
  /** The game's id on the server, such as `tic-tac-toe`. */
  readonly game: string;
  /** What each seat plays with, by seat: `X`, `O`. */
  readonly marks: readonly string[];
  /** Says which keys choose a move, in at most 38 characters. */
  readonly keysHint: string;

  /** What the state shows. @throws Error when it is not a state of this game. */
  readPosition(state: unknown): Position;

  /** Where the cursor stands when the match is first shown. */
  firstCursor(position: Position): Cursor;

  /** The board, at most 38 columns wide. `cursor` is undefined while the player has nothing to choose. */
  draw(view: {
    readonly position: Position;
    readonly cursor: Cursor | undefined;
    readonly paint: Paint;
  }): readonly string[];

  /** What a key does: moves the cursor, plays a move, or nothing. */
  press(
    key: GameKey,
    view: { readonly position: Position; readonly cursor: Cursor },
  ): Pressed<Cursor> | undefined;

  /** The board as bare text, one line a row: for pipes, logs and screen readers. */
  plainBoard(position: Position): readonly string[];

  /** Reads a move that was typed as text. */
  readMove(text: string): { readonly move: unknown } | { readonly problem: string };

  /** A move as the person would type it. */
  nameMove(move: unknown): string;
}

type Pressed<Cursor> = { readonly cursor: Cursor; readonly move?: undefined } | { readonly move: unknown };

/** A key that may concern the board. Letters are lower case. */
export type GameKey =
  | { readonly kind: 'left' | 'right' | 'up' | 'down' | 'enter' }
  | { readonly kind: 'character'; readonly character: string };

/** Styles text; each gives the text unchanged where colour is not wanted. */
export interface Paint {
  readonly colour: boolean;
  bold(text: string): string;
  dim(text: string): string;
  inverse(text: string): string;
  /** The colour of a seat. */
  seat(seat: number, text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}
