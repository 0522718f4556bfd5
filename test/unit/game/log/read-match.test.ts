import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainNext, chainStart, seal } from '../../../../src/game/log/chain.ts';
import { DamagedMatch, type EventRow, readMatch } from '../../../../src/game/log/read-match.ts';
import type { Happening } from '../../../../src/game/match/logged-event.ts';
import { openMatch } from '../../../../src/game/match/open-match.ts';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { MatchId } from '../../../../src/protocol/ids.ts';
import { ada, ben, cause } from '../../../support/game-fixtures.ts';

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;

function rowsOf(happenings: readonly Happening[], id = match): EventRow[] {
  const events = happenings.map((happening, index) => ({ seq: index + 1, at: 1_000 + index, ...happening }));
  return seal(chainStart(id), events).map(({ event, body, chain }) => ({ seq: event.seq, body, chain }));
}

const opening = openMatch({
  game: ticTacToe,
  visibility: 'public',
  entrants: [
    { player: ada, cause: cause(ada) },
    { player: ben, cause: cause(ben) },
  ],
});
const move = (seat: number, square: number, board: string): Happening => ({
  type: 'moved',
  seat,
  move: square,
  whole: { board },
  turn: 1 - seat,
  cause: cause(seat === 0 ? ada : ben),
});
const happenings = [...opening, move(0, 4, '____X____'), move(1, 0, 'O___X____')];
const damageAt = (rows: EventRow[]) => {
  try {
    readMatch(match, rows);
  } catch (error) {
    if (error instanceof DamagedMatch) return error.seq;
    throw error;
  }
  return undefined;
};

describe('R22 reading a match from its rows', () => {
  it('gives back the match', () => {
    const stored = readMatch(match, rowsOf(happenings));
    expect(stored?.state).toMatchObject({
      match,
      status: 'playing',
      seq: 6,
      turn: 0,
      whole: { board: 'O___X____' },
    });
    expect(stored?.events).toHaveLength(6);
    expect(stored?.chain).toBe(rowsOf(happenings).at(-1)?.chain);
  });

  it('knows no match without rows', () => expect(readMatch(match, [])).toBeUndefined());

  it('names the first row with a flipped bit, whichever it is', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 6 }), (whichRow, whichByte, bit) => {
        const rows = rowsOf(happenings);
        const index = whichRow % rows.length;
        const row = rows[index]!;
        const bytes = Buffer.from(row.body, 'latin1');
        bytes[whichByte % bytes.length]! ^= 1 << bit;
        rows[index] = { ...row, body: bytes.toString('latin1') };
        expect(damageAt(rows)).toBe(index + 1);
      }),
    );
  });

  it('notices a missing, an exchanged and an added row, and rows of another match', () => {
    const rows = rowsOf(happenings);
    expect(damageAt(rows.toSpliced(2, 1))).toBe(3);
    expect(damageAt(rows.slice(1))).toBe(1);
    expect(damageAt([rows[0]!, rows[2]!, rows[1]!])).toBe(2);
    expect(damageAt([...rows, { ...rows[5]!, seq: 7 }])).toBe(7);
    expect(damageAt(rowsOf(happenings, 'm_BBBBBBBBBBBBBBBB' as MatchId))).toBe(1);
  });

  it.each<[string, unknown]>([
    ['what is not JSON', '{'],
    ['no event', '{"seq":7}'],
    ['an unknown event', { type: 'exploded' }],
    ['an event with a foreign property', { type: 'rematchAgreed', next: match, extra: 1 }],
    ['an event that cannot follow', { type: 'rematchAgreed', next: match }],
    ['a move of the seat whose turn it is not', move(1, 5, 'O___XO___')],
    ['a second start', { type: 'started', whole: { board: '_________' }, turn: 0 }],
  ])('does not take %s, even with the right hash', (_, happening) => {
    const rows = rowsOf(happenings);
    const body =
      typeof happening === 'string'
        ? happening
        : JSON.stringify({ seq: 7, at: 2_000, ...(happening as object) });
    rows.push({ seq: 7, body, chain: chainNext(rows.at(-1)!.chain, body) });
    expect(damageAt(rows)).toBe(7);
  });
});
