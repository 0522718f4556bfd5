import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults } from '../../src/settings/index.ts';
import { type ProxyPlayer, startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** Nothing comes back while the test runs. */
const never = 1e-6;
const spentForGood = {
  ...limitDefaults,
  session: { ...limitDefaults.session, messages: { perSecond: never, burst: 20 } },
  account: { ...limitDefaults.account, messages: { perSecond: never, burst: 40 } },
  address: {
    ...limitDefaults.address,
    messages: { base: { perSecond: never, burst: 10 }, perAccount: { perSecond: never, burst: 10 } },
  },
};

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ proxy: { policy: { limits: spentForGood } } });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** Asks until nothing more is let through. */
async function spend(player: ProxyPlayer): Promise<void> {
  for (;;) {
    const answer = await player.ask('match.list', { filter: 'open' });
    if (answer.error?.data.code === 'rate_limited') return;
  }
}

describe('promise 10: the legal move of the player whose turn it is', () => {
  it('passes to the end of the match with every budget spent: its own, and by others on its address', async () => {
    const [ada, bob, eve] = await Promise.all([rig.player('ada'), rig.player('bob'), rig.player('eve')]);
    const { match, seats, seq } = await startMatch(ada, bob);
    for (const player of [eve, ada, bob]) await spend(player);

    let next = seq + 1;
    for (const [turn, move] of [0, 3, 1, 4, 2].entries()) {
      const seat = seats[turn % 2] as ProxyPlayer;
      const commandId = seat.commandId();
      const moved = await seat.demand('match.move', { match, seq: next, commandId, move });
      expect(moved).toMatchObject({ type: 'moved', seq: next, commandId });
      const other = seats[(turn + 1) % 2] as ProxyPlayer;
      await other.notification('match.event', (event) => event.seq === next);
      next += 1;
    }
    await ada.notification('match.event', ({ type }) => type === 'ended');

    // Only the turn is free: what else they ask, and moves that are not theirs to make, are still refused.
    for (const player of seats) {
      const commandId = player.commandId();
      const offer = await player.refusal('match.offerRematch', { match, commandId });
      expect(offer).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
      const move = await player.refusal('match.move', { match, seq: next + 5, commandId, move: 8 });
      expect(move).toMatchObject({ code: 'rate_limited' });
    }
  });

  it('passes after illegal tries, which are paid for and come to an end', async () => {
    const [ada, bob] = await Promise.all([rig.player('grace'), rig.player('heidi')]);
    const { match, seats, seq } = await startMatch(ada, bob);
    const [first] = seats;
    await spend(first);
    const attempt = (move: unknown) =>
      first.ask('match.move', { match, seq: seq + 1, commandId: first.commandId(), move });
    for (let count = 0; count < 5; count += 1) {
      expect((await attempt(99)).error.data.code).not.toBe('rate_limited');
    }
    expect((await attempt(4)).result).toMatchObject({ type: 'moved' });

    const [, second] = seats;
    await spend(second);
    await second.notification('match.event', ({ seq: seen }) => seen === seq + 1);
    const codes: string[] = [];
    do {
      const answer = await second.ask('match.move', {
        match,
        seq: seq + 2,
        commandId: second.commandId(),
        move: 4,
      });
      codes.push(answer.error.data.code);
    } while (codes.at(-1) !== 'rate_limited' && codes.length < 100);
    expect(codes.slice(0, -1).every((code) => code === 'move_occupied')).toBe(true);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.length).toBeLessThan(60);
  });
});
