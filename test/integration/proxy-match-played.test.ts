import { expect, it } from 'vitest';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

it('two players play to a win, and everyone sees each sequence once and in order', async () => {
  await using rig = await ProxyRig.start();
  const [ada, bob, eve] = await Promise.all([rig.player('ada'), rig.player('bob'), rig.player('eve')]);
  const { match, code, seats, seq } = await startMatch(ada, bob);
  await eve.demand('match.watch', { code, after: 0 });

  for (const [turn, move] of [0, 3, 1, 4, 2].entries()) {
    const mover = seats[turn % 2 === 0 ? 0 : 1];
    const commandId = mover.commandId();
    const event = await mover.demand('match.move', { match, seq: seq + turn + 1, commandId, move });
    expect(event).toMatchObject({ type: 'moved', seq: seq + turn + 1, commandId, move });
  }

  await Promise.all(
    [ada, bob, eve].map((one) => one.notification('match.event', ({ type }) => type === 'ended')),
  );
  const [end] = eve.events(match).slice(-1);
  expect(end).toMatchObject({ type: 'ended', result: { kind: 'won', seat: 0, reason: 'line' } });
  expect(eve.events(match).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const seated of seats) {
    const seen = seated.events(match).map((event) => event.seq);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen.slice(-5)).toEqual([6, 7, 8, 9, 10]);
  }
});

it('a spectator costs the backend no second subscription, and a late one gets what the first one got', async () => {
  await using rig = await ProxyRig.start();
  const [ada, bob, eve] = await Promise.all([rig.player('ada'), rig.player('bob'), rig.player('eve')]);
  const { match, code, seats, seq } = await startMatch(ada, bob);
  await seats[0].demand('match.move', { match, seq: seq + 1, commandId: ada.commandId(), move: 4 });

  const resumed = await eve.demand('match.watch', { code, after: 2 });
  const fresh = await eve.demand('match.watch', { code });

  expect(resumed.events.map((event: { seq: number }) => event.seq)).toEqual([3, 4, 5].slice(0, seq + 1 - 2));
  expect(fresh.snapshot).toMatchObject({
    seq: seq + 1,
    seats: [
      { seat: 0, name: 'ada' },
      { seat: 1, name: 'bob' },
    ],
  });
  expect(await eve.refusal('match.watch', { code, after: 99 })).toMatchObject({ code: 'sequence_ahead' });
});
