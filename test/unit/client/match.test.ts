import { describe, expect, it } from 'vitest';
import { refusedError } from '../../../src/client/client-error.ts';
import { Match, type MatchPort } from '../../../src/client/match.ts';
import type { Follow } from '../../../src/protocol/player-messages.ts';

const id = 'm_0000000000000001';

function at(seq: number, board: string): Follow {
  return {
    match: id,
    game: 'tic-tac-toe',
    seat: 0,
    snapshot: {
      match: id,
      game: 'tic-tac-toe',
      visibility: 'private',
      status: 'playing',
      seq,
      seats: [
        { seat: 0, name: 'ada' },
        { seat: 1, name: 'bob' },
      ],
      turn: 0,
      state: { board },
      result: null,
      drawOffer: null,
    },
  };
}

describe('a move that is refused as stale', () => {
  it('is not sent again by itself when a snapshot has replaced the board it was meant for', async () => {
    const answer = Promise.withResolvers<never>();
    const asked: string[] = [];
    const port: MatchPort = {
      request: (method) => {
        asked.push(method);
        return answer.promise;
      },
      newCommandId: () => `c_${asked.length}`,
      dropped() {},
    };
    const match = new Match(port, at(4, '_________'), { as: 'player' });
    const moving = match.move(8);
    match.take(at(6, 'XO_______'));
    answer.reject(refusedError({ code: 'stale_sequence', reason: 'The match has moved on.' }));
    await expect(moving).rejects.toMatchObject({ refusal: { code: 'stale_sequence' } });
    expect(asked).toEqual(['match.move']);
  });
});
