import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandId, GameId } from '../../../../src/protocol/ids.ts';
import { refuse } from '../../../../src/protocol/refusals.ts';
import { StandingFinds } from '../../../../src/proxy/conversation/standing-finds.ts';
import type { Asker } from '../../../../src/proxy/link/link.ts';

const game = 'tic-tac-toe' as GameId;
const find = { commandId: 'c_12345678' as CommandId, body: '{"game":"tic-tac-toe"}' };
const asked: { body: string; asker: Asker }[] = [];
const matched = vi.fn();
let finds: StandingFinds;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  matched.mockReset();
  finds = new StandingFinds({
    ask: (_game, body, asker) => void asked.push({ body, asker }) as undefined,
    matched,
  });
});
afterEach(() => void vi.useRealTimers());

function reply(index: number, json: object): void {
  asked[index]?.asker.replied({ text: JSON.stringify(json), namesPlayers: false });
}

describe('StandingFinds', () => {
  it('asks again for what waits, and tells the player when the answer is a match', () => {
    finds.repeat();
    expect(asked).toEqual([]);
    finds.waits(game, find);
    finds.repeat();
    expect(asked[0]?.body).toBe(find.body);
    reply(0, { status: 'waiting' });
    finds.repeat();
    reply(1, { status: 'matched', match: 'm_1', seat: 1 });
    expect(matched).toHaveBeenCalledExactlyOnceWith({
      game,
      match: 'm_1',
      seat: 1,
      commandId: find.commandId,
    });
    finds.repeat();
    expect(asked).toHaveLength(2);
  });

  it('tells nobody twice: what a notice or a cancel has ended stays ended', () => {
    finds.waits(game, find);
    finds.repeat();
    finds.done(game);
    reply(0, { status: 'matched', match: 'm_1', seat: 1 });
    expect(matched).not.toHaveBeenCalled();
  });

  it('tries again after a refusal that may pass, when it says so, and not after the end', () => {
    finds.waits(game, find);
    finds.repeat();
    asked[0]?.asker.refused(refuse('lobby_full', { retryAfterMs: 300 }), false);
    vi.advanceTimersByTime(299);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(2);
    asked[1]?.asker.refused(refuse('too_many_matches'), false);
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(2);
    asked[1]?.asker.refused(refuse('lobby_full'), false);
    finds.end();
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
