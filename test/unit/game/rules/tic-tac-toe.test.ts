import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { Json } from '../../../../src/protocol/json.ts';

/** A referee that keeps two sets of squares and knows the winning lines as sums in a magic square. */
class SlowReferee {
  readonly #magic = [2, 7, 6, 9, 5, 1, 4, 3, 8];
  readonly #held: [Set<number>, Set<number>] = [new Set(), new Set()];

  get turn(): 0 | 1 {
    return this.#held[0].size === this.#held[1].size ? 0 : 1;
  }

  get winner(): 0 | 1 | undefined {
    return ([0, 1] as const).find((seat) => {
      const values = [...this.#held[seat]].map((square) => this.#magic[square] ?? 0);
      return values.some((a, i) =>
        values.some((b, j) => values.some((c, k) => i < j && j < k && a + b + c === 15)),
      );
    });
  }

  get isFull(): boolean {
    return this.#held[0].size + this.#held[1].size === 9;
  }

  get board(): string {
    return Array.from({ length: 9 }, (_, square) =>
      this.#held[0].has(square) ? 'X' : this.#held[1].has(square) ? 'O' : '_',
    ).join('');
  }

  take(square: number): boolean {
    if (this.#held.some((held) => held.has(square))) return false;
    this.#held[this.turn].add(square);
    return true;
  }
}

const frozen = <T extends Json>(value: T): T => {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) frozen(inner as Json);
  return Object.freeze(value);
};

describe('tic-tac-toe', () => {
  it('agrees with a slow referee on every step of random games', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 30 }), (squares) => {
        const referee = new SlowReferee();
        let state = ticTacToe.start();
        for (const move of squares) {
          const turn = ticTacToe.turn(state);
          if (turn === null) break;
          expect(turn).toBe(referee.turn);
          const played = ticTacToe.play(frozen({ state, seat: turn, move } as never));
          if (!referee.take(move)) {
            expect(played).toEqual({ refused: 'move_occupied' });
            continue;
          }
          if ('refused' in played) throw new Error('refused');
          // As the log gives it back.
          state = JSON.parse(JSON.stringify(played.state)) as Json;
          expect(ticTacToe.view(state, 'all')).toMatchObject({ board: referee.board });
          const outcome = ticTacToe.outcome(state);
          if (referee.winner !== undefined) {
            expect(outcome).toEqual({ kind: 'won', seat: referee.winner, reason: 'line' });
          } else {
            expect(outcome).toEqual(referee.isFull ? { kind: 'drawn', reason: 'board_full' } : null);
          }
          expect(ticTacToe.turn(state) === null).toBe(outcome !== null);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('shows the three squares that won', () => {
    expect(ticTacToe.view({ board: 'XO_OX___X' }, 'all')).toEqual({ board: 'XO_OX___X', line: [0, 4, 8] });
    expect(ticTacToe.view({ board: 'XOX_O_XO_' }, 'all')).toEqual({ board: 'XOX_O_XO_', line: [1, 4, 7] });
    expect(ticTacToe.view(ticTacToe.start(), 'all')).toEqual({ board: '_________' });
  });

  it('reads any JSON at all as a move or a refusal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        const parsed = ticTacToe.parse(input as Json);
        if ('move' in parsed) expect([0, 1, 2, 3, 4, 5, 6, 7, 8]).toContain(parsed.move);
        else expect(['move_malformed', 'move_out_of_range']).toContain(parsed.refused);
      }),
    );
  });

  it.each([
    [9, 'move_out_of_range'],
    [-1, 'move_out_of_range'],
    [1.5, 'move_malformed'],
    ['4', 'move_malformed'],
    [null, 'move_malformed'],
    [[4], 'move_malformed'],
    [{ valueOf: 4 }, 'move_malformed'],
  ])('refuses %j as %s', (input, refused) => {
    expect(ticTacToe.parse(input as Json)).toMatchObject({ refused });
  });

  it('takes -0 for the first square, as JSON would', () => {
    const parsed = ticTacToe.parse(-0);
    expect('move' in parsed && Object.is(parsed.move, 0)).toBe(true);
  });
});
