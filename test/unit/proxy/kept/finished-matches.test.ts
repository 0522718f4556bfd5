import { describe, expect, it } from 'vitest';
import type { MatchId } from '../../../../src/protocol/ids.ts';
import type { LinkFollow } from '../../../../src/protocol/link-messages.ts';
import { FinishedMatches, finishedKeptMs } from '../../../../src/proxy/kept/finished-matches.ts';

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;

function follow({
  seat = null,
  visibility = 'public',
  status = 'over',
}: object & {
  seat?: number | null;
  visibility?: string;
  status?: string;
} = {}): LinkFollow {
  return { match, seat, snapshot: { visibility, status } } as unknown as LinkFollow;
}

describe('a match that is over', () => {
  it('is kept for a while', () => {
    let now = 0;
    const finished = new FinishedMatches({ now: () => now });
    const shown = follow();
    finished.learn(shown, 1_000);
    now = finishedKeptMs;
    expect(finished.get(match)).toBe(shown);
    now += 1;
    expect(finished.get(match)).toBeUndefined();
  });

  it.each([
    ['a player was shown', follow({ seat: 0 }), 1_000],
    ['is private', follow({ visibility: 'private' }), 1_000],
    ['goes on', follow({ status: 'playing' }), 1_000],
    ['is large', follow(), 1_000_000],
  ])('is not kept when it %s', (_why, shown, bytes) => {
    const finished = new FinishedMatches();
    finished.learn(shown, bytes);
    expect(finished.get(match)).toBeUndefined();
  });
});
