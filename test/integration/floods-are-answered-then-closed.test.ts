import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults } from '../../src/settings/index.ts';
import { startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ logLevel: 'info' });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

const { burst } = limitDefaults.session.messages;
const patience = limitDefaults.refused.burst;

describe('B16 a flood of messages', () => {
  it('is answered by the bucket, then closed with the rate code, when to come again and what an operator can look up', async () => {
    const eve = await rig.player('eve');
    for (let id = 1; id <= 1_000; id += 1) {
      eve.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'match.list', params: { filter: 'open' } }));
    }
    expect(await eve.closed).toEqual({ code: 4505, reason: 'flood' });
    const refusals = eve.heard.filter(({ error }) => error?.data.code === 'rate_limited');
    expect(refusals.length).toBeGreaterThanOrEqual(patience);
    for (const { error } of refusals) {
      expect(error.data).toMatchObject({ rule: 'rate.session', requestId: expect.stringMatching(/^r_/) });
      expect(error.data.retryAfterMs).toBeGreaterThan(0);
    }
    const answered = eve.heard.filter(({ id, result }) => id > 0 && result !== undefined);
    expect(answered.length).toBeLessThan(burst + 100);
    expect(eve.heard.at(-1)).toMatchObject({
      method: 'session.closing',
      params: {
        code: 4505,
        rule: 'rate.session',
        retryAfterMs: expect.any(Number),
        requestId: expect.stringMatching(/^r_/),
      },
    });
  });

  it('leaves the others alone, on the same address: their match goes on', async () => {
    const [ada, bob, mallory] = await Promise.all(['ada', 'bob', 'mallory'].map((name) => rig.player(name)));
    if (ada === undefined || bob === undefined || mallory === undefined) throw new Error('nobody came');
    const { match, seats, seq } = await startMatch(ada, bob);
    for (let id = 1; id <= 1_000; id += 1) {
      mallory.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'match.list', params: { filter: 'open' } }));
    }
    for (const [turn, move] of [0, 3, 1, 4, 2].entries()) {
      const mover = seats[turn % 2 === 0 ? 0 : 1];
      const commandId = mover.commandId();
      await mover.demand('match.move', { match, seq: seq + 1 + turn, commandId, move });
      const other = seats[turn % 2 === 0 ? 1 : 0];
      await other.notification('match.event', (event) => event.seq === seq + 1 + turn);
    }
    expect((await mallory.closed).code).toBe(4505);
  });
});

describe('B14 pings and pongs', () => {
  it('a flood of 5,000 pings is answered as far as the rate allows, and closed', async () => {
    const grace = await rig.player('grace');
    let pongs = 0;
    grace.webSocket.on('pong', () => {
      pongs += 1;
    });
    for (let count = 0; count < 5_000; count += 1) grace.webSocket.ping();
    expect(await grace.closed).toEqual({ code: 4505, reason: 'flood' });
    expect(pongs).toBeGreaterThan(0);
    expect(pongs).toBeLessThan(burst + 100);
  });

  it('before sign-in there is less patience', async () => {
    const stranger = rig.connect();
    await stranger.opened;
    for (let count = 0; count < 100; count += 1) stranger.webSocket.ping();
    expect(await stranger.closed).toEqual({ code: 4505, reason: 'flood' });
  });

  it('pongs that nobody asked for are ignored, and a flood of them is one', async () => {
    const heidi = await rig.player('heidi');
    const before = heidi.heard.length;
    for (let count = 0; count < burst / 2; count += 1) heidi.webSocket.pong();
    expect((await heidi.ask('match.list', { filter: 'mine' })).result).toEqual({ matches: [] });
    expect(heidi.heard.length).toBe(before + 1);
    for (let count = 0; count < 5_000; count += 1) heidi.webSocket.pong();
    expect(await heidi.closed).toEqual({ code: 4505, reason: 'flood' });
  });
});
