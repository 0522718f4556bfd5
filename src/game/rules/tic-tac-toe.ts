import { defineGame } from './rules.ts';

/**
 * Nine characters, row by row from the top left: `_` free, `X` seat 0, `O` seat 1. Whose turn it is follows
 * from their number.
 */
type State = { readonly board: string };

const marks = ['X', 'O'] as const;
const free = '_';

const lines = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const;

/**
 * Tic-tac-toe. A move is the number of a square, 0 to 8, row by row. Seat 0 is X and begins. Everybody sees
 * `{ board, line? }`, where `line` holds the three squares that won.
 */
export const ticTacToe = defineGame<State, number>({
  game: 'tic-tac-toe',
  title: 'Tic-tac-toe',
  seats: 2,
  hiddenInformation: false,

  start: () => ({ board: free.repeat(9) }),

  turn: ({ board }) => (wonLine(board) || !board.includes(free) ? null : moveCount(board) % 2),

  parse(input) {
    if (typeof input !== 'number' || !Number.isInteger(input)) {
      return { refused: 'move_malformed', reason: 'A move is the number of a square, 0 to 8.' };
    }
    if (input < 0 || input > 8) {
      return { refused: 'move_out_of_range', reason: 'Squares are numbered 0 to 8.' };
    }
    // -0 is an integer too, but JSON has no such number.
    return { move: input + 0 };
  },

  play({ state: { board }, seat, move }) {
    if (board[move] !== free) return { refused: 'move_occupied' };
    return { state: { board: board.slice(0, move) + marks[seat] + board.slice(move + 1) } };
  },

  outcome({ board }) {
    const line = wonLine(board);
    if (line) return { kind: 'won', seat: board[line[0]] === marks[0] ? 0 : 1, reason: 'line' };
    return board.includes(free) ? null : { kind: 'drawn', reason: 'board_full' };
  },

  view({ board }) {
    const line = wonLine(board);
    return line ? { board, line } : { board };
  },
});

function wonLine(board: string): (typeof lines)[number] | undefined {
  return lines.find(([a, b, c]) => board[a] !== free && board[a] === board[b] && board[b] === board[c]);
}

function moveCount(board: string): number {
  return board.length - board.split(free).length + 1;
}
