import { afterEach, describe, expect, it } from 'vitest';
import type { Follower } from '../../../src/game/live-match.ts';
import { catalogueOf } from '../../../src/game/rules/index.ts';
import { defineGame } from '../../../src/game/rules/rules.ts';
import type { MatchId } from '../../../src/protocol/ids.ts';
import { limits } from '../../../src/protocol/limits.ts';
import type { LinkEvent } from '../../../src/protocol/link-messages.ts';
import {
  ada,
  ben,
  cause,
  eve,
  type MemoryBackend,
  memoryBackend,
  startedMatch,
  ticTacToeId,
  type Wish,
} from '../../support/game-fixtures.ts';

let backend: MemoryBackend;
afterEach(() => backend.close());

class Ear implements Follower {
  readonly audience = 'all';
  readonly heard: LinkEvent[] = [];
  readonly origins: unknown[] = [];
  readonly online: (readonly number[])[] = [];
  deliver(event: LinkEvent, origin: object | undefined): void {
    this.heard.push(event);
    this.origins.push(origin);
  }
  presence(online: readonly number[]): void {
    this.online.push(online);
  }
}

const move = (seq: number, square: number): Wish & { type: 'move' } => ({ type: 'move', seq, move: square });
const obey = (
  matches: MemoryBackend['matches'],
  match: MatchId,
  player: typeof ada,
  wish: Wish,
  by = cause(player, wish),
) => matches.obey(match, { ...wish, cause: by });

async function listen(
  matches: MemoryBackend['matches'],
  match: MatchId,
): Promise<Ear & { stop: () => void }> {
  const { live, release } = await matches.hold(match);
  const ear = new Ear();
  live?.follow(ear);
  return Object.assign(ear, {
    stop: () => {
      live?.unfollow(ear);
      release();
    },
  });
}

describe('the matches of a backend', () => {
  it('R6 lets nobody hear of an event before it is on disk', async () => {
    let hold: PromiseWithResolvers<void> | undefined;
    const reached = Promise.withResolvers<void>();
    backend = await memoryBackend({
      wrap: (store) => ({
        engine: store.engine,
        db: store.db,
        purge: () => store.purge(),
        close: () => store.close(),
        commit: async (groups) => {
          if (hold) {
            reached.resolve();
            await hold.promise;
          }
          return await store.commit(groups);
        },
      }),
    });
    const match = await startedMatch(backend.matches);
    const ear = await listen(backend.matches, match);
    hold = Promise.withResolvers();
    let answered = false;
    const answer = obey(backend.matches, match, ada, move(5, 4)).finally(() => {
      answered = true;
    });
    await reached.promise;
    expect(ear.heard).toEqual([]);
    expect(answered).toBe(false);
    expect(await backend.matches.with(match, (live) => live?.state.seq)).toBe(4);
    hold.resolve();
    expect(await answer).toMatchObject({ kind: 'event', event: { seq: 5, type: 'moved' } });
    expect(ear.heard).toMatchObject([{ seq: 5 }]);
    ear.stop();
  });

  it('R10 gives a command sent again the same answer, byte for byte, also in another process', async () => {
    backend = await memoryBackend();
    const match = await startedMatch(backend.matches);
    const by = cause(ada, move(5, 4));
    const [first, second] = await Promise.all([
      obey(backend.matches, match, ada, move(5, 4), by),
      obey(backend.matches, match, ada, move(5, 4), by),
    ]);
    await obey(backend.matches, match, ben, move(6, 0));
    const third = await obey(backend.another(), match, ada, move(5, 4), by);
    expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    expect(JSON.stringify(third)).toBe(JSON.stringify(first));
    expect(first).toMatchObject({ kind: 'event', event: { seq: 5, commandId: by.command } });
    expect(await backend.matches.with(match, (live) => live?.state.seq)).toBe(6);
  });

  it('R10 refuses a command id that its player used in another match', async () => {
    backend = await memoryBackend();
    const [one, two] = [await startedMatch(backend.matches), await startedMatch(backend.matches)];
    const by = cause(ada, move(5, 4));
    await obey(backend.matches, one, ada, move(5, 4), by);
    const answer = await obey(backend.matches, two, ada, move(5, 4), by);
    expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'command_conflict' } });
    // Ben may use the same id.
    await obey(backend.matches, two, ada, move(5, 0));
    const bens = cause(ben, move(6, 4), by.command);
    expect(await obey(backend.matches, two, ben, move(6, 4), bens)).toMatchObject({ kind: 'event' });
  });

  it('R16 an owner that was overtaken learns what the other wrote, and tells its followers', async () => {
    backend = await memoryBackend();
    const match = await startedMatch(backend.matches);
    const ear = await listen(backend.matches, match);
    const another = backend.another();
    await obey(another, match, ada, move(5, 4));
    const late = await obey(backend.matches, match, ada, move(5, 0));
    expect(late).toMatchObject({
      kind: 'refused',
      refusal: { code: 'stale_sequence', missed: [{ seq: 5, type: 'moved', move: 4 }] },
    });
    expect(ear.heard).toMatchObject([{ seq: 5, move: 4 }]);
    expect(await obey(backend.matches, match, ben, move(6, 0))).toMatchObject({ event: { seq: 6 } });
    ear.stop();
  });

  it('R10 finds its own event when another owner wrote it for the same command', async () => {
    backend = await memoryBackend();
    const match = await startedMatch(backend.matches);
    await backend.matches.with(match, () => {});
    const by = cause(ada, move(5, 4));
    const [one, two] = await Promise.all([
      obey(backend.matches, match, ada, move(5, 4), by),
      obey(backend.another(), match, ada, move(5, 4), by),
    ]);
    expect(two).toEqual(one);
    expect(one).toMatchObject({ kind: 'event', event: { seq: 5 } });
  });

  it('hands the origin of a command to followers with the event that answers it, and with no other', async () => {
    backend = await memoryBackend();
    const match = await startedMatch(backend.matches);
    const ear = await listen(backend.matches, match);
    const origin = {};
    await backend.matches.obey(match, { type: 'resign', cause: cause(ben) }, origin);
    expect(ear.heard.map(({ type }) => type)).toEqual(['resigned', 'ended']);
    expect(ear.origins).toEqual([origin, undefined]);
    ear.stop();
  });

  it('opens a rematch together with the agreement, with the seats turned round', async () => {
    backend = await memoryBackend();
    const match = await startedMatch(backend.matches);
    const ear = await listen(backend.matches, match);
    await obey(backend.matches, match, ada, { type: 'resign' });
    await backend.matches.offerRematch(match, cause(ada));
    await backend.matches.offerRematch(match, cause(ben));
    const agreed = ear.heard.at(-1);
    if (agreed?.type !== 'rematchAgreed') throw new Error('no rematch');
    const following = await backend.matches.look({ match: agreed.next }, ada);
    expect(following).toMatchObject({
      follow: { seat: 1, snapshot: { status: 'playing', seats: [{ player: ben }, { player: ada }], seq: 4 } },
    });
    ear.stop();
  });

  it('keeps a match as it was when the rules fail, and goes on with the next command', async () => {
    const broken = defineGame<null, string>({
      game: 'broken',
      title: 'Broken',
      seats: 2,
      hiddenInformation: false,
      start: () => null,
      turn: () => 0,
      parse: (input) => ({ move: String(input) }),
      play: ({ move: word }) => {
        if (word === 'throw') throw new Error('the rules fail');
        return { state: null };
      },
      outcome: () => null,
      view: () => null,
      viewMove: ({ move: word }) => {
        if (word === 'unshowable') throw new Error('the view fails');
        return word === 'huge' ? 'x'.repeat(70_000) : word;
      },
    });
    backend = await memoryBackend({ games: catalogueOf([broken]) });
    const match = await startedMatch(backend.matches);
    const ear = await listen(backend.matches, match);
    for (const word of ['throw', 'unshowable']) {
      await expect(obey(backend.matches, match, ada, { type: 'move', seq: 5, move: word })).rejects.toThrow(
        'fail',
      );
    }
    expect(ear.heard).toEqual([]);
    expect((await backend.log.load(match))?.state.seq).toBe(4);
    expect(await obey(backend.matches, match, ada, { type: 'move', seq: 5, move: 'fine' })).toMatchObject({
      event: { seq: 5 },
    });
    ear.stop();
  });

  it('creates once, however often it is asked to', async () => {
    backend = await memoryBackend();
    const by = cause(ada);
    const create = () => backend.matches.create({ game: ticTacToeId, visibility: 'private', cause: by });
    const [first, second] = await Promise.all([create(), create()]);
    expect(second).toEqual(first);
    expect(await create()).toEqual(first);
    expect(first).toMatchObject({
      follow: { seat: 0, code: expect.stringMatching(/^.{8}$/), snapshot: { seq: 2 } },
    });
    expect(await backend.log.countOpenSeats(ada)).toBe(1);
  });

  it('shows a private match to its players, and to others by its code only', async () => {
    backend = await memoryBackend();
    const created = await backend.matches.create({
      game: ticTacToeId,
      visibility: 'private',
      cause: cause(ada),
    });
    if (created.kind !== 'follow') throw new Error('not created');
    const { match, code } = created.follow;
    const unknown = { kind: 'refused', refusal: { code: 'match_unknown' } };
    expect(await backend.matches.look({ match }, eve)).toMatchObject(unknown);
    expect(await backend.matches.join({ match }, cause(eve))).toMatchObject(unknown);
    expect(await backend.matches.look({ code }, eve)).toMatchObject({ follow: { seat: null } });
    expect((await backend.matches.look({ code }, eve)) as object).not.toHaveProperty('follow.code');
    expect(await backend.matches.join({ code }, cause(ben))).toMatchObject({ follow: { seat: 1, code } });
    expect(await backend.matches.join({ code }, cause(eve))).toMatchObject({
      refusal: { code: 'match_full' },
    });
    expect(
      await backend.matches.join({ match: 'm_BBBBBBBBBBBBBBBB' as MatchId, code }, cause(eve)),
    ).toMatchObject(unknown);
  });

  it('bounds the open matches of a player, for commands sent together too', async () => {
    backend = await memoryBackend();
    const most = limits.openMatchesPerPlayer;
    const create = () =>
      backend.matches.create({ game: ticTacToeId, visibility: 'public', cause: cause(ada) });
    const all = await Promise.all(Array.from({ length: most + 8 }, create));
    expect(all.filter(({ kind }) => kind === 'follow').length).toBeLessThanOrEqual(most);
    for (let left = most - (await backend.log.countOpenSeats(ada)); left > 0; left -= 1) await create();
    expect(await backend.log.countOpenSeats(ada)).toBe(most);
    expect(await create()).toMatchObject({ refusal: { code: 'too_many_matches' } });
  });

  it('opens no rematch beyond the quota of whoever offered it first', async () => {
    backend = await memoryBackend();
    const { matches, log } = backend;
    const most = limits.openMatchesPerPlayer;
    for (let left = most - 1; left > 0; left -= 1) await startedMatch(matches, [ada, eve]);
    const over = await startedMatch(matches);
    await obey(matches, over, ada, { type: 'resign' });
    expect(await matches.offerRematch(over, cause(ada))).toMatchObject({ kind: 'event' });
    const filling = await startedMatch(matches, [ada, eve]);
    expect(await log.countOpenSeats(ada)).toBe(most);
    expect(await matches.offerRematch(over, cause(ben))).toMatchObject({
      refusal: { code: 'too_many_matches', reason: expect.stringMatching(/^Another player/) },
    });
    expect(await log.countOpenSeats(ada)).toBe(most);
    // The first offer stands, and ben may agree once ada has finished a match.
    await obey(matches, filling, ada, { type: 'resign' });
    expect(await matches.offerRematch(over, cause(ben))).toMatchObject({ kind: 'event' });
    expect(await log.countOpenSeats(ada)).toBe(most);
  });

  it('opens no two rematches together where the first offerer has room for one', async () => {
    backend = await memoryBackend();
    const { matches, log } = backend;
    const most = limits.openMatchesPerPlayer;
    const overs = [await startedMatch(matches), await startedMatch(matches, [eve, ada])];
    for (const over of overs) {
      await obey(matches, over, ada, { type: 'resign' });
      await matches.offerRematch(over, cause(ada));
    }
    for (let left = most - 1; left > 0; left -= 1) await startedMatch(matches);
    const answers = await Promise.all([
      matches.offerRematch(overs[0]!, cause(ben)),
      matches.offerRematch(overs[1]!, cause(eve)),
    ]);
    expect(answers.filter(({ kind }) => kind === 'event').length).toBeLessThanOrEqual(1);
    expect(await log.countOpenSeats(ada)).toBeLessThanOrEqual(most);
  });

  it('tells followers who is here, once for what happens in one turn', async () => {
    backend = await memoryBackend();
    const { matches } = backend;
    const match = await startedMatch(matches);
    const ear = await listen(matches, match);
    matches.presence.opened(ada);
    matches.presence.opened(ben);
    matches.presence.opened(ben);
    await new Promise((resolve) => setImmediate(resolve));
    matches.presence.closed(ben);
    await new Promise((resolve) => setImmediate(resolve));
    matches.presence.closed(ben);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ear.online).toEqual([[0, 1], [0]]);
    ear.stop();
  });

  it('forgets a match that rests, and keeps one that is followed', async () => {
    backend = await memoryBackend({ restingEvents: 10 });
    const { matches } = backend;
    const followed = await startedMatch(matches);
    const ear = await listen(matches, followed);
    const ids = [];
    for (let index = 0; index < 5; index += 1) ids.push(await startedMatch(matches));
    const before = await matches.with(ids[0]!, (live) => live);
    for (const id of ids) await matches.with(id, () => {});
    expect(await matches.with(ids[0]!, (live) => live)).not.toBe(before);
    expect(await obey(matches, ids[0]!, ada, move(5, 0))).toMatchObject({ kind: 'event' });
    await obey(matches, followed, ada, move(5, 0));
    expect(ear.heard).toMatchObject([{ seq: 5 }]);
    ear.stop();
  });

  it('R22 refuses a damaged match, names it, and serves the others', async () => {
    backend = await memoryBackend();
    const [good, bad] = [await startedMatch(backend.matches), await startedMatch(backend.matches)];
    await backend.store.db
      .updateTable('events')
      .set({ body: '{}' })
      .where('match', '=', bad)
      .where('seq', '=', 3)
      .execute();
    await expect(obey(backend.matches, bad, ada, move(5, 0))).rejects.toThrow(
      `match ${bad} is damaged at sequence 3`,
    );
    await expect(backend.matches.look({ match: bad }, ada)).rejects.toThrow('damaged');
    expect(await obey(backend.matches, good, ada, move(5, 0))).toMatchObject({ kind: 'event' });
  });

  it('says no to an unknown match', async () => {
    backend = await memoryBackend();
    const unknown = 'm_AAAAAAAAAAAAAAAA' as MatchId;
    expect(await obey(backend.matches, unknown, ada, move(1, 0))).toMatchObject({
      refusal: { code: 'match_unknown' },
    });
    expect(await backend.matches.look({}, ada)).toMatchObject({ refusal: { code: 'match_unknown' } });
  });
});
