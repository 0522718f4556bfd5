import type { GameKey, Paint, TerminalGame } from './terminal-game.ts';

interface Position {
  /** Nine characters, row by row: `_`, `X` or `O`. */
  readonly board: string;
  /** The three squares of the winning line, from 0. */
  readonly line: readonly number[];
}

/** A square from 0 to 8. People count from 1 to 9. */
type Square = number;

const squares = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

export const ticTacToe: TerminalGame<Position, Square> = {
  game: 'tic-tac-toe',
  marks: ['X', 'O'],
  keysHint: 'arrows and Enter, or 1-9',

  readPosition(state) {
    const { board, line } = (state ?? {}) as { board?: unknown; line?: unknown };
    // Before the match has started there is no state, and the board is empty.
    if (state === null || state === undefined) return { board: '_________', line: [] };
    if (typeof board !== 'string' || !/^[_XO]{9}$/.test(board)) {
      throw new Error('The server sent a board that is not one of tic-tac-toe.');
    }
    return { board, line: Array.isArray(line) ? line.filter(Number.isInteger) : [] };
  },

  firstCursor: () => 4,

  draw({ position, cursor, paint }) {
    const rows = [0, 3, 6].map((first) =>
      [0, 1, 2].map((column) => drawSquare(first + column, position, { cursor, paint })).join(paint.dim('|')),
    );
    const rule = paint.dim('---+---+---');
    return [rows[0], rule, rows[1], rule, rows[2]].map((row) => `   ${row}`);
  },

  press(key, { cursor }) {
    if (key.kind === 'character') {
      const square = squareOf(key.character);
      return square === undefined ? undefined : { move: square };
    }
    // Enter on a taken square is left for the server to refuse, so that the player reads why.
    return key.kind === 'enter' ? { move: cursor } : { cursor: step(cursor, key.kind) };
  },

  plainBoard: ({ board }) => [0, 3, 6].map((first) => [...board.slice(first, first + 3)].join(' ')),

  readMove(text) {
    const square = squareOf(text);
    return square === undefined
      ? { problem: `"${text.slice(0, 20)}" is not a square: type a digit from 1 to 9.` }
      : { move: square };
  },

  nameMove: (move) => (typeof move === 'number' ? String(move + 1) : '?'),
};

function drawSquare(
  square: Square,
  { board, line }: Position,
  { cursor, paint }: { readonly cursor: Square | undefined; readonly paint: Paint },
): string {
  const mark = board[square] ?? '_';
  const chosen = square === cursor;
  const middle = mark === '_' ? String(square + 1) : mark;
  if (chosen) return paint.colour ? paint.inverse(` ${middle} `) : `[${middle}]`;
  if (mark === '_') return ` ${paint.dim(middle)} `;
  const seated = paint.seat(mark === 'X' ? 0 : 1, middle);
  if (!line.includes(square)) return ` ${seated} `;
  return paint.colour ? ` ${paint.bold(seated)} ` : `*${seated}*`;
}

function step(square: Square, way: Exclude<GameKey['kind'], 'character' | 'enter'>): Square {
  const [row, column] = [Math.floor(square / 3), square % 3];
  switch (way) {
    case 'left':
      return row * 3 + Math.max(0, column - 1);
    case 'right':
      return row * 3 + Math.min(2, column + 1);
    case 'up':
      return Math.max(0, row - 1) * 3 + column;
    case 'down':
      return Math.min(2, row + 1) * 3 + column;
  }
}

function squareOf(text: string): Square | undefined {
  return squares.find((square) => text === String(square + 1));
}
