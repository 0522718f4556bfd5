import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LinkTap } from '../support/proxy-link-tap.ts';
import type { ProxyPlayer } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const tap = new LinkTap();
let rig: ProxyRig;
let onlookers: ProxyPlayer[];
beforeAll(async () => {
  rig = await ProxyRig.start({ dial: tap.on });
  onlookers = [];
  for (const name of ['eve', 'mallory', 'trent', 'peggy', 'victor']) onlookers.push(await rig.player(name));
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** A public match of two new players, which has begun. */
async function play(tag: string, visibility: 'public' | 'private' = 'public') {
  const [white, black] = [await rig.player(`white-${tag}`), await rig.player(`black-${tag}`)];
  const { match, code } = await white.demand('match.create', {
    game: 'tic-tac-toe',
    visibility,
    commandId: white.commandId(),
  });
  await black.demand('match.join', { ...(code ? { code } : { match }), commandId: black.commandId() });
  const players = [white, black] as const;
  let seq = (await white.notification('match.event', (event) => event.type === 'started')).seq;
  let moves = 0;
  return {
    match,
    players,
    move: async (square: number) => {
      const player = moves % 2 === 0 ? white : black;
      moves += 1;
      const params = { match, seq: seq + 1, commandId: player.commandId(), move: square };
      seq = (await player.demand('match.move', params)).seq;
    },
  };
}

async function requestsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = tap.count('request');
  await work();
  return tap.count('request') - before;
}

describe('what the proxy answers itself', () => {
  it('a match that somebody here follows is watched and looked at without the backend, and each is shown the same', async () => {
    const { match, players, move } = await play('watched');
    const [, black] = players;
    for (const square of [0, 4, 1]) {
      await move(square);
      // By a seated player, so from the backend.
      const { snapshot } = await black.demand('match.get', { match });
      const cost = await requestsDuring(async () => {
        for (const onlooker of onlookers) {
          const looked = await onlooker.demand('match.get', { match });
          expect(looked).toEqual({ match, game: 'tic-tac-toe', seat: null, snapshot });
          const watched = await onlooker.demand('match.watch', { match });
          expect(watched).toEqual(looked);
        }
      });
      expect(cost).toBe(0);
    }
    await move(5);
    for (const onlooker of onlookers) {
      await onlooker.notification('match.event', (event) => event.match === match && event.move === 5);
    }
    const resumed = await onlookers[0]!.demand('match.watch', { match, after: 1 });
    expect(resumed.events.map(({ seq }: { seq: number }) => seq)).toEqual(
      Array.from({ length: resumed.events.length }, (_, index) => index + 2),
    );
  });

  it('a player is answered by the backend, about their own matches', async () => {
    const { match, players } = await play('own');
    const [white] = players;
    await onlookers[0]!.demand('match.watch', { match });
    const cost = await requestsDuring(async () => {
      expect(await white.demand('match.get', { match })).toMatchObject({ seat: 0 });
      const { matches } = await white.demand('match.list', { filter: 'live' });
      expect(matches.find((each: { match: string }) => each.match === match)).toMatchObject({ seat: 0 });
    });
    expect(cost).toBe(2);
  });

  it('a private match stays unknown to who was not invited, though it is followed here', async () => {
    const { match } = await play('private', 'private');
    for (const method of ['match.get', 'match.watch'] as const) {
      expect(await onlookers[0]!.refusal(method, { match })).toMatchObject({ code: 'match_unknown' });
    }
  });

  it('a match that is over is looked at once, though nobody follows it any more', async () => {
    const { match, players } = await play('over');
    const [white, black] = players;
    await white.demand('match.resign', { match, commandId: white.commandId() });
    for (const player of [white, black]) {
      player.terminate();
      await player.closed;
    }
    // The stream is kept for a moment after its last follower.
    const shown = await onlookers[0]!.demand('match.get', { match });
    expect(shown.snapshot).toMatchObject({ status: 'over', result: expect.anything() });
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    await onlookers[0]!.demand('match.get', { match });
    const cost = await requestsDuring(async () => {
      for (const onlooker of onlookers) expect(await onlooker.demand('match.get', { match })).toEqual(shown);
    });
    expect(cost).toBe(0);
  });

  it('a list is asked for once for many, and again when it has changed', async () => {
    const list = (filter: 'open' | 'live') =>
      Promise.all(onlookers.map((onlooker) => onlooker.demand('match.list', { filter })));
    expect(await requestsDuring(() => list('live'))).toBeLessThanOrEqual(1);
    const maker = await rig.player('maker');
    const params = { game: 'tic-tac-toe', visibility: 'public' };
    const { match } = await maker.demand('match.create', { ...params, commandId: maker.commandId() });
    const cost = await requestsDuring(async () => {
      for (const { matches } of await list('open')) {
        expect(matches.map((each: { match: string }) => each.match)).toContain(match);
      }
    });
    expect(cost).toBe(1);
    await maker.demand('match.leave', { match, commandId: maker.commandId() });
    for (const { matches } of await list('open')) {
      expect(matches.map((each: { match: string }) => each.match)).not.toContain(match);
    }
  });

  it('names are those of now, in what is kept as well', async () => {
    const guest = await rig.request('/auth/guest', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"passer-by"}',
    });
    const { access_token: token } = JSON.parse(guest.body) as { access_token: string };
    const player = await rig.player('', { token });
    const params = { game: 'tic-tac-toe', visibility: 'public' };
    const { match } = await player.demand('match.create', { ...params, commandId: player.commandId() });
    const nameNow = async () => {
      const { matches } = await onlookers[0]!.demand('match.list', { filter: 'open' });
      return matches.find((each: { match: string }) => each.match === match)?.seats[0].name as string;
    };
    const before = await nameNow();
    const upgraded = await rig.request('/auth/guest/upgrade', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ name: 'settled', password: 'correct horse battery' }),
    });
    expect([upgraded.status, before === 'settled']).toEqual([200, false]);
    while ((await nameNow()) !== 'settled') await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('counts what it has answered', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
    for (const [kind, result] of [
      ['live', 'hit'],
      ['finished', 'hit'],
      ['list', 'miss'],
      ['list', 'coalesced'],
    ]) {
      const line = new RegExp(`castling_kept_answers_total\\{kind="${kind}",result="${result}"\\} [1-9]`);
      expect(metrics, `${kind} ${result}`).toMatch(line);
    }
  });
});
