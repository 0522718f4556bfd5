import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePaint } from '../../../../src/client/cli/paint.ts';
import type { GameKey } from '../../../../src/client/games/index.ts';
import { ticTacToe } from '../../../../src/client/games/tic-tac-toe.ts';

const plain = choosePaint({ stdout: { write() {} }, env: {} });
const position = ticTacToe.readPosition({ board: 'X_O______' });

describe('tic-tac-toe in a terminal', () => {
  it('shows marks, and the digit that chooses each free square', () => {
    expect(ticTacToe.draw({ position, cursor: undefined, paint: plain })).toEqual([
      '    X | 2 | O ',
      '   ---+---+---',
      '    4 | 5 | 6 ',
      '   ---+---+---',
      '    7 | 8 | 9 ',
    ]);
  });

  it('marks the cursor and the winning line without colour, too', () => {
    const won = ticTacToe.readPosition({ board: 'OOOXX_X__', line: [0, 1, 2] });
    const [first, , second] = ticTacToe.draw({ position: won, cursor: 5, paint: plain });
    expect(first).toBe('   *O*|*O*|*O*');
    expect(second).toBe('    X | X |[6]');
  });

  it('prints three bare rows', () => {
    expect(ticTacToe.plainBoard(position)).toEqual(['X _ O', '_ _ _', '_ _ _']);
  });

  it('counts squares from 1 for people and from 0 on the wire', () => {
    for (let digit = 1; digit <= 9; digit++) {
      expect(ticTacToe.readMove(String(digit))).toEqual({ move: digit - 1 });
      expect(ticTacToe.nameMove(digit - 1)).toBe(String(digit));
    }
  });

  it.each(['0', '10', '', 'x', '5 5', '-1', '1.0', '１'])('takes %j for no move', (text) => {
    expect(ticTacToe.readMove(text)).toHaveProperty('problem');
  });

  it('never moves the cursor off the board', () => {
    const key = fc.constantFrom<GameKey['kind']>('left', 'right', 'up', 'down');
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
        let cursor = ticTacToe.firstCursor(position);
        for (const kind of keys) {
          const pressed = ticTacToe.press({ kind } as GameKey, { position, cursor });
          if (pressed === undefined || 'move' in pressed) throw new Error('An arrow played a move.');
          cursor = pressed.cursor as number;
        }
        expect(cursor).toBeGreaterThanOrEqual(0);
        expect(cursor).toBeLessThanOrEqual(8);
      }),
    );
  });

  it('walks to the corners', () => {
    const walk = (...kinds: ('left' | 'right' | 'up' | 'down')[]) =>
      kinds.reduce<number>((cursor, kind) => {
        const pressed = ticTacToe.press({ kind }, { position, cursor });
        return pressed !== undefined && 'cursor' in pressed ? (pressed.cursor as number) : cursor;
      }, 4);
    expect([walk('left', 'up'), walk('right', 'up'), walk('left', 'down'), walk('right', 'down')]).toEqual([
      0, 2, 6, 8,
    ]);
    expect(ticTacToe.press({ kind: 'enter' }, { position, cursor: 6 })).toEqual({ move: 6 });
  });

  it('refuses a state that is not a board', () => {
    expect(() => ticTacToe.readPosition({ board: 'XYZ' })).toThrow('not one of tic-tac-toe');
    expect(ticTacToe.readPosition(null)).toEqual({ board: '_________', line: [] });
  });
});
