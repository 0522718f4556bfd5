import { expect, it } from 'vitest';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

it('a drain answers what is under way, tells every player when to come back, and is over in 10 s', async () => {
  await using rig = await ProxyRig.start();
  const [ada, bob] = await Promise.all([rig.player('ada'), rig.player('bob')]);
  const { match, seats, seq } = await startMatch(ada, bob);

  const move = seats[0].demand('match.move', { match, seq: seq + 1, commandId: ada.commandId(), move: 0 });
  await rig.request('/');
  const since = performance.now();
  const drained = rig.drain();
  expect(await move).toMatchObject({ seq: seq + 1 });
  for (const player of [ada, bob]) {
    const closing = await player.notification('session.closing');
    expect(closing).toMatchObject({ code: 4000, reconnect: true });
    expect(closing.retryAfterMs).toBeGreaterThanOrEqual(200);
    expect(closing.retryAfterMs).toBeLessThan(2_000);
    expect(await player.closed).toEqual({ code: 4000, reason: 'restarting' });
  }
  await drained;
  expect(performance.now() - since).toBeLessThan(10_000);
  await expect(rig.request('/')).rejects.toThrow(/ECONNREFUSED|socket hang up|ECONNRESET/);
  await expect(fetch(`http://127.0.0.1:${rig.adminPort}/live`)).rejects.toThrow();
});

it('a session whose token runs out is warned, closed with its code, and may come back', async () => {
  await using rig = await ProxyRig.start({ auth: { accessTokenSeconds: 1 } });
  const ada = await rig.player('ada');
  await ada.notification('session.expiring');
  expect(await ada.notification('session.closing')).toMatchObject({ code: 4001, reconnect: true });
  expect(await ada.closed).toEqual({ code: 4001, reason: 'token_expired' });
});

it('a flood is answered by refusals, then by the close, and nobody else feels it', async () => {
  await using rig = await ProxyRig.start();
  const [eve, ada] = await Promise.all([rig.player('eve'), rig.player('ada')]);
  for (let id = 1; id <= 1_000; id += 1) {
    eve.send(
      JSON.stringify({ jsonrpc: '2.0', id: `f${id}`, method: 'match.list', params: { filter: 'open' } }),
    );
  }
  expect(await ada.demand('match.list', { filter: 'open' })).toMatchObject({ matches: [] });
  expect(await eve.closed).toEqual({ code: 4505, reason: 'flood' });
  const refused = eve.heard.filter((message) => message.error?.data.rule === 'rate.session');
  expect(refused.length).toBeGreaterThan(100);
  expect(refused[0].error.data).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
});
