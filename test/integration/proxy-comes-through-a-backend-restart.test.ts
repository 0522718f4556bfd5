import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-proxy-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('players are told within a second, a move waits, and the match goes on without a gap', async () => {
  const storeUrl = `sqlite:${join(folder, 'game.db')}`;
  await using rig = await ProxyRig.start({ backend: storeUrl });
  const [ada, bob] = await Promise.all([rig.player('ada'), rig.player('bob')]);
  const { match, seats, seq } = await startMatch(ada, bob);
  await seats[0].demand('match.move', { match, seq: seq + 1, commandId: ada.commandId(), move: 4 });

  const lostAt = performance.now();
  await rig.stopBackend();
  for (const player of [ada, bob])
    await player.notification('match.presence', ({ service }) => service === 'away');
  expect(performance.now() - lostAt).toBeLessThan(2_000);
  const ready = await fetch(`http://127.0.0.1:${rig.adminPort}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ reasons: ['the game backend cannot be reached'] });

  // Made while the backend is away; nothing more is done for it than to wait.
  const move = seats[1].demand('match.move', { match, seq: seq + 2, commandId: 'c_waiting_1', move: 0 });
  await rig.startBackend(storeUrl);
  expect(await move).toMatchObject({ type: 'moved', seq: seq + 2, commandId: 'c_waiting_1' });
  const before = seats[0].heard.length;
  await seats[0].notification('match.event', (event) => event.seq === seq + 2);
  expect(before).toBeGreaterThan(0);
  for (const player of [ada, bob]) {
    await player.until(
      (message) =>
        message.method === 'match.presence' &&
        message.params.service === 'up' &&
        player.heard.indexOf(message) > player.heard.findIndex((other) => other.params?.service === 'away'),
    );
    const seen = player.events(match).map((event) => event.seq);
    expect(seen).toEqual([...new Set(seen)]);
    expect(seen.at(-1)).toBe(seq + 2);
  }

  // Sent again, it is the same event and happens no second time.
  expect(
    await seats[1].demand('match.move', { match, seq: seq + 2, commandId: 'c_waiting_1', move: 0 }),
  ).toMatchObject({
    seq: seq + 2,
  });
  expect((await ada.demand('match.get', { match })).snapshot.seq).toBe(seq + 2);
}, 30_000);

it('who waits in the lobby goes on waiting, and is matched after the restart', async () => {
  const storeUrl = `sqlite:${join(folder, 'lobby.db')}`;
  await using rig = await ProxyRig.start({ backend: storeUrl });
  const ada = await rig.player('ada');
  expect(await ada.demand('lobby.find', { game: 'tic-tac-toe', commandId: 'c_standing1' })).toEqual({
    status: 'waiting',
  });
  await rig.stopBackend();
  await rig.startBackend(storeUrl);
  await rig.ready();
  const bob = await rig.player('bob');
  // Her request may not have been repeated yet: then he waits, and she is the one who completes the pair.
  await bob.demand('lobby.find', { game: 'tic-tac-toe', commandId: 'c_standing2' });
  expect(await ada.notification('lobby.matched')).toMatchObject({
    game: 'tic-tac-toe',
    commandId: 'c_standing1',
  });
}, 30_000);

it('a request is refused, and said to be worth another try, when the backend stays away', async () => {
  await using rig = await ProxyRig.start();
  const ada = await rig.player('ada');
  await rig.stopBackend();
  const refusal = await ada.refusal('match.list', { filter: 'mine' });
  expect(refusal).toMatchObject({ code: 'backend_unavailable', retryAfterMs: 1_000 });
  expect(ada.isClosed).toBe(false);
}, 30_000);
