import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Seat } from '../../../protocol/player-messages.ts';
import { useWords } from '../words/use-words.ts';
import type { BoardProps, WebGame } from './web-game.ts';

interface Position {
  /** Nine characters, row by row: `_`, `X` or `O`. */
  readonly board: string;
  /** The three squares of the winning line, or none. */
  readonly line: readonly number[];
}

const rows = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
] as const;
const free = '_';
const marks = ['X', 'O'] as const;

export const ticTacToe: WebGame<Position> = {
  game: 'tic-tac-toe',
  marks,
  title: (words) => words.games['tic-tac-toe'].title,
  rule: (words) => words.games['tic-tac-toe'].rule,

  readPosition(state) {
    if (state === null || state === undefined) return { board: free.repeat(9), line: [] };
    const { board, line } = state as { board?: unknown; line?: unknown };
    if (typeof board !== 'string' || !/^[_XO]{9}$/.test(board)) {
      throw new Error('The server sent a board that is not one of tic-tac-toe.');
    }
    return { board, line: Array.isArray(line) ? line.filter(isSquare) : [] };
  },

  nameMove: (move, words) => (isSquare(move) && words.games['tic-tac-toe'].squares[move]) || '?',

  Board,
};

function Board({ position, lastMove, chooser, pending, onMove }: BoardProps<Position>): JSX.Element {
  const words = useWords().games['tic-tac-toe'];
  const grid = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(4);
  const { board, line } = position;
  const isLegal = (square: number) =>
    chooser !== undefined && pending === undefined && board[square] === free;

  const focus = (square: number) => {
    setCursor(square);
    grid.current?.querySelector<HTMLElement>(`[data-square="${square}"]`)?.focus();
  };
  const play = (square: number) => {
    setCursor(square);
    if (isLegal(square)) onMove(square);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = step(cursor, event.key);
    if (next !== undefined) focus(next);
    else if (/^[1-9]$/.test(event.key)) {
      focus(Number(event.key) - 1);
      play(Number(event.key) - 1);
    } else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a table has no focus of its own; this is the grid pattern of ARIA
    <div class="ttt" role="grid" aria-label={words.board} ref={grid} onKeyDown={onKeyDown}>
      {rows.map((squares) => (
        // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: a row of that grid; its cells take the focus
        <div class="ttt-row" role="row" key={squares[0]}>
          {squares.map((square) => {
            const mark = board[square] ?? free;
            const sent = pending?.move === square ? marks[pending.seat] : undefined;
            const content = mark === free ? (sent ?? words.empty) : mark;
            const notes = [
              words.cell(words.squares[square] ?? '', content),
              lastMove === square && words.last,
              line.includes(square) && words.winning,
            ];
            return (
              // biome-ignore lint/a11y/useSemanticElements: a cell of that grid that can be pressed
              <button
                type="button"
                role="gridcell"
                key={square}
                class="ttt-square"
                data-square={square}
                data-legal={isLegal(square) || undefined}
                data-last={lastMove === square || undefined}
                data-seat={mark === free ? undefined : seatOf(mark)}
                data-won={line.includes(square) ? line.indexOf(square) : undefined}
                data-faded={(line.length > 0 && !line.includes(square)) || undefined}
                aria-label={notes.filter(Boolean).join(', ')}
                aria-disabled={!isLegal(square)}
                tabIndex={square === cursor ? 0 : -1}
                onFocus={() => setCursor(square)}
                onClick={() => play(square)}
              >
                {mark !== free && <Mark seat={seatOf(mark)} />}
                {mark === free && sent !== undefined && <Mark seat={seatOf(sent)} look="pending" />}
                {isLegal(square) && chooser !== undefined && <Mark seat={chooser} look="ghost" />}
              </button>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function Mark({ seat, look = 'set' }: { readonly seat: Seat; readonly look?: string }): JSX.Element {
  return (
    <svg class="ttt-mark" data-seat={seat} data-look={look} viewBox="0 0 100 100" aria-hidden="true">
      {seat === 0 ? (
        <>
          <path pathLength={1} d="M27 27 L73 73" />
          <path pathLength={1} d="M73 27 L27 73" />
        </>
      ) : (
        <circle pathLength={1} cx={50} cy={50} r={25} transform="rotate(-90 50 50)" />
      )}
    </svg>
  );
}

function step(square: number, key: string): number | undefined {
  const [row, column] = [Math.floor(square / 3), square % 3];
  switch (key) {
    case 'ArrowLeft':
      return row * 3 + Math.max(0, column - 1);
    case 'ArrowRight':
      return row * 3 + Math.min(2, column + 1);
    case 'ArrowUp':
      return Math.max(0, row - 1) * 3 + column;
    case 'ArrowDown':
      return Math.min(2, row + 1) * 3 + column;
    case 'Home':
      return row * 3;
    case 'End':
      return row * 3 + 2;
    default:
      return undefined;
  }
}

function seatOf(mark: string): Seat {
  return mark === marks[0] ? 0 : 1;
}

function isSquare(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 8;
}
