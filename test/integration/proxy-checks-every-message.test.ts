import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProxyPlayer, startMatch } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
let ada: ProxyPlayer;
let bob: ProxyPlayer;
let eve: ProxyPlayer;
beforeAll(async () => {
  rig = await ProxyRig.start();
  [ada, bob, eve] = await Promise.all([rig.player('ada'), rig.player('bob'), rig.player('eve')]);
});
afterAll(async () => await rig[Symbol.asyncDispose]());

describe('B9 authorisation per message', () => {
  it('in another’s seat, in a private match, as a spectator, for another: refused, nothing changed, and on record', async () => {
    const { match, code, seats, seq } = await startMatch(ada, bob);
    const next = seq + 1;
    const move = { match, seq: next, move: 0 };
    const before = await ada.demand('match.get', { match });

    const attempts = [
      await seats[0].refusal('match.move', { ...move, seat: 1, commandId: seats[0].commandId() }),
      await seats[0].refusal('match.resign', { match, seat: 1, commandId: seats[0].commandId() }),
      await seats[1].refusal('match.move', { ...move, commandId: seats[1].commandId() }),
      await eve.refusal('match.watch', { match }),
      await eve.refusal('match.get', { match }),
      await eve.refusal('match.join', { match, commandId: eve.commandId() }),
    ];
    expect(attempts.map((refusal) => refusal.code)).toEqual([
      'not_your_seat',
      'not_your_seat',
      'not_your_turn',
      'match_unknown',
      'match_unknown',
      'match_unknown',
    ]);
    // With the code she may watch; more than that she may not.
    await eve.demand('match.watch', { code });
    const spectator = [
      await eve.refusal('match.move', { ...move, commandId: eve.commandId() }),
      await eve.refusal('match.resign', { match, commandId: eve.commandId() }),
      await eve.refusal('match.offerDraw', { match, commandId: eve.commandId() }),
    ];
    expect(spectator.map((refusal) => refusal.code)).toEqual(Array(3).fill('match_unknown'));

    expect((await ada.demand('match.get', { match })).snapshot).toEqual(before.snapshot);
    for (const { requestId, code: refused } of [
      ...attempts.slice(0, 2),
      ...attempts.slice(3),
      ...spectator,
    ]) {
      const line = rig.log
        .split('\n')
        .find((text) => text.includes(`"requestId":"${requestId}"`) && text.includes('"audit"'));
      expect(line, `audit entry of ${refused}`).toBeDefined();
      expect(JSON.parse(line ?? '')).toMatchObject({
        audit: 'refused',
        code: refused,
        player: expect.stringMatching(/^p_/),
      });
    }
  });

  it('who watches a public match cannot play in it', async () => {
    const commandId = ada.commandId();
    const { match } = await ada.demand('match.create', {
      game: 'tic-tac-toe',
      visibility: 'public',
      commandId,
    });
    await bob.demand('match.join', { match, commandId: bob.commandId() });
    const { snapshot } = await eve.demand('match.watch', { match });
    const move = { match, seq: snapshot.seq + 1, move: 0, commandId: eve.commandId() };
    expect(await eve.refusal('match.move', move)).toMatchObject({ code: 'not_seated' });
    expect(await eve.refusal('match.resign', { match, commandId: eve.commandId() })).toMatchObject({
      code: 'not_seated',
    });
    expect((await eve.demand('match.get', { match })).snapshot).toEqual(snapshot);
  });

  it('before sign-in there is nothing to be had, and little patience', async () => {
    const stranger = rig.connect();
    await stranger.opened;
    expect(await stranger.refusal('match.list', { filter: 'open' })).toMatchObject({ code: 'not_signed_in' });
    for (let count = 0; count < 10; count += 1) {
      stranger.send(
        JSON.stringify({ jsonrpc: '2.0', id: 100 + count, method: 'match.list', params: { filter: 'open' } }),
      );
    }
    expect(await stranger.closed).toEqual({ code: 4505, reason: 'flood' });
  });

  it('a token of another session does not extend this one; one of this session does', async () => {
    const { access_token: other } = await rig.register('mallory');
    expect(await ada.refusal('session.refresh', { token: other })).toMatchObject({
      code: 'session_mismatch',
    });
    expect(await ada.refusal('session.open', { token: other })).toMatchObject({ code: 'already_signed_in' });

    const account = await rig.register('grace');
    const grace = await rig.player('grace', { token: account.access_token });
    const answer = await rig.request('/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: account.refresh_token }),
    });
    const { access_token: fresh } = JSON.parse(answer.body);
    expect(await grace.demand('session.refresh', { token: fresh })).toMatchObject({
      name: 'grace',
      session: account.session,
    });
  });

  it.each([
    ['garbage', 'not-a-token'],
    ['an unsigned token', `${btoa('{"alg":"none"}')}.${btoa('{}')}.`],
  ])('%s at the upgrade is told why, and closed', async (_what, token) => {
    const stranger = rig.connect({ token });
    expect(await stranger.closed).toEqual({ code: 4503, reason: 'token_invalid' });
    expect(stranger.heard).toMatchObject([
      { method: 'session.closing', params: { code: 4503, reconnect: false } },
    ]);
  });
});
