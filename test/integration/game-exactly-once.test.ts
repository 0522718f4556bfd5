import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendHere } from '../support/backend-here.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import type { LinkPeer } from '../support/link-peer.ts';
import { pseudonym } from '../support/link-peer.ts';

const certificates = new LinkCertificates();
let here: BackendHere;
let proxies: readonly [LinkPeer, LinkPeer];
beforeAll(async () => {
  here = await BackendHere.start({ certificates });
  proxies = [await here.connect(), await here.connect()];
});
afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  await here.backend.stop();
  certificates.remove();
});

let matches = 0;

/** A match of two players, each on a channel of each proxy, that both proxies follow. */
async function newMatch() {
  matches += 1;
  const names = [`first of ${matches}`, `second of ${matches}`];
  const [x, o] = names.map((name) => proxies.map((proxy) => proxy.openChannel(pseudonym(name))));
  const commandId = `of-match-${matches}`;
  const { match, code } = await x![0]!.demand('match.create', {
    game: 'tic-tac-toe',
    visibility: 'public',
    commandId,
  });
  await o![0]!.demand('match.join', { code, commandId });
  const tags = await Promise.all(proxies.map((proxy) => proxy.subscribe(match)));
  return { match, x: x!, o: o!, tags };
}

describe('R16 two proxies that submit the same turn together', () => {
  it('get one acceptance, and for the other a refusal with what it missed, 200 times', async () => {
    for (let round = 0; round < 200; round += 1) {
      const { match, x, tags } = await newMatch();
      const answers = await Promise.all(
        x.map((channel, index) =>
          channel.request('match.move', { match, seq: 5, commandId: `turn-${round}-${index}`, move: index }),
        ),
      );
      const [won, lost] = [answers.filter(({ ok }) => ok), answers.filter(({ ok }) => !ok)];
      expect([won.length, lost.length]).toEqual([1, 1]);
      expect(lost[0]).toMatchObject({
        refusal: { code: 'stale_sequence', missed: [{ seq: 5, type: 'moved' }] },
      });
      const seen = proxies.map((proxy, index) => proxy.events(tags[index]!).at(-1));
      expect(seen[1]).toEqual(seen[0]);
      expect(won[0]).toMatchObject({ result: seen[0] });
    }
  });
});

describe('R10 the same command, twice in sequence, twice in parallel, by another proxy, by another player', () => {
  it('has one effect and one answer', async () => {
    const { match, x, o } = await newMatch();
    const move = { match, seq: 5, commandId: 'the-command', move: 4 };
    const parallel = await Promise.all(
      [x[0]!, x[0]!, x[1]!].map((channel) => channel.request('match.move', move)),
    );
    const later = await x[1]!.request('match.move', move);
    const texts = [...parallel, later].map((answer) => (answer.ok ? answer.text : answer.refusal.code));
    expect(new Set(texts).size).toBe(1);
    expect(await x[0]!.request('match.move', { ...move, move: 5 })).toMatchObject({
      refusal: { code: 'command_conflict' },
    });
    expect(await o[0]!.request('match.move', { ...move, seq: 6, move: 5 })).toMatchObject({
      ok: true,
      result: { seq: 6, seat: 1, commandId: 'the-command' },
    });
  });

  it('opens one private match, and finds one opponent', async () => {
    const channel = proxies[0].openChannel(pseudonym('creator'));
    const create = { game: 'tic-tac-toe', visibility: 'private', commandId: 'create-once' };
    const first = await channel.demand('match.create', create);
    expect(await channel.demand('match.create', create)).toEqual(first);
    const find = { game: 'tic-tac-toe', commandId: 'find-once' };
    await channel.demand('lobby.find', find);
    const other = proxies[1].openChannel(pseudonym('opponent'));
    const matched = await other.demand('lobby.find', { game: 'tic-tac-toe', commandId: 'find-other' });
    expect(await channel.demand('lobby.find', find)).toMatchObject({
      status: 'matched',
      match: (matched as { match: string }).match,
    });
  });
});
