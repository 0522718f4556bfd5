import { afterEach, describe, expect, it } from 'vitest';
import { Lobby, type LobbyChannel } from '../../../src/game/lobby.ts';
import type { Cause } from '../../../src/game/match/logged-event.ts';
import type { GameId } from '../../../src/protocol/ids.ts';
import { limits } from '../../../src/protocol/limits.ts';
import type { MatchedNotice } from '../../../src/protocol/link-messages.ts';
import { StoreError } from '../../../src/store/index.ts';
import {
  ada,
  ben,
  cause,
  eve,
  ticTacToeId as game,
  type MemoryBackend,
  memoryBackend,
  startedMatch,
} from '../../support/game-fixtures.ts';
import { pseudonym } from '../../support/link-peer.ts';

let backend: MemoryBackend;
afterEach(() => backend.close());

class Ear implements LobbyChannel {
  readonly notices: MatchedNotice[] = [];
  matched(notice: MatchedNotice): void {
    this.notices.push(notice);
  }
}

async function lobby(options: { waitingMost?: number } = {}) {
  backend = await memoryBackend();
  const place = new Lobby({ matches: backend.matches, ...options });
  return {
    lobby: place,
    find: (by: Cause, channel: LobbyChannel = new Ear()) => place.find({ game, cause: by, channel }),
  };
}

const asked = { game };
const zoe = pseudonym('zoe');
const waiting = { kind: 'found', reply: { status: 'waiting' } };
const matched = { kind: 'found', reply: { status: 'matched' } };
const matchOf = (finding: object) => (finding as { reply: { match: string } }).reply.match;

describe('the lobby', () => {
  it('pairs two who wait, and tells the one who waited', async () => {
    const { find, lobby: place } = await lobby();
    const ear = new Ear();
    const by = cause(ada, asked);
    expect(await find(by, ear)).toEqual(waiting);
    const finding = await find(cause(ben, asked));
    expect(finding).toMatchObject(matched);
    const match = matchOf(finding);
    expect(ear.notices).toMatchObject([
      { method: 'lobby.matched', params: { game, match, commandId: by.command } },
    ]);
    const { seat } = (finding as { reply: { seat: number } }).reply;
    expect(ear.notices[0]?.params.seat).toBe(1 - seat);
    expect(place.waiting(game)).toBe(0);
    expect(await backend.matches.look({ match: match as never }, ada)).toMatchObject({
      follow: { snapshot: { status: 'playing', visibility: 'public', seq: 4 } },
    });
  });

  it('never pairs a player with themself, and tells every place where they wait', async () => {
    const { find } = await lobby();
    const ears = [new Ear(), new Ear()];
    const causes = [cause(ada, asked), cause(ada, asked)];
    expect(await find(causes[0]!, ears[0])).toEqual(waiting);
    expect(await find(causes[1]!, ears[1])).toEqual(waiting);
    const match = matchOf(await find(cause(ben, asked)));
    for (const [index, ear] of ears.entries()) {
      expect(ear.notices).toMatchObject([{ params: { match, commandId: causes[index]!.command } }]);
      // Each of the two ids leads there from now on, in another process too.
      const again = new Lobby({ matches: backend.another() });
      expect(matchOf(await again.find({ game, cause: causes[index]!, channel: new Ear() }))).toBe(match);
    }
  });

  it('gives the same command the same match, and another command a new search', async () => {
    const { find } = await lobby();
    const by = cause(ada, asked);
    await find(by);
    const match = matchOf(await find(cause(ben, asked)));
    expect(matchOf(await find(by))).toBe(match);
    expect(await find(cause(ada, asked))).toEqual(waiting);
    expect(await find(cause(ada, { game: 'other' }, by.command))).toMatchObject({ kind: 'refused' });
  });

  it('pairs everybody at most once when all come at the same time', async () => {
    const { find, lobby: place } = await lobby();
    const players = Array.from(
      { length: 21 },
      (_, index) => `y_${String(index).padStart(22, 'A')}` as typeof ada,
    );
    const ears = players.map(() => new Ear());
    const findings = await Promise.all(
      players.map((player, index) => find(cause(player, asked), ears[index])),
    );
    const told = findings.flatMap((finding, index) => {
      if (finding.kind !== 'found') throw new Error('refused');
      const notices = ears[index]!.notices.map(({ params }) => params.match as string);
      return finding.reply.status === 'matched' ? [finding.reply.match as string, ...notices] : notices;
    });
    expect(place.waiting(game)).toBe(1);
    expect(told).toHaveLength(20);
    expect([...Map.groupBy(told, (match) => match).values()].every(({ length }) => length === 2)).toBe(true);
  });

  it('forgets whoever cancels or leaves', async () => {
    const { find, lobby: place } = await lobby();
    const ear = new Ear();
    expect(place.cancel(game, ada, ear)).toBe('not_waiting');
    await find(cause(ada, asked), ear);
    expect(place.cancel(game, ada, new Ear())).toBe('not_waiting');
    expect(place.cancel(game, ada, ear)).toBe('cancelled');
    expect(await find(cause(ben, asked), ear)).toEqual(waiting);
    place.leave(ben, ear);
    expect(place.waiting(game)).toBe(0);
    expect(await find(cause(eve, asked))).toEqual(waiting);
  });

  it('goes on waiting where one of two channels has left', async () => {
    const { find, lobby: place } = await lobby();
    const ears = [new Ear(), new Ear()];
    for (const ear of ears) await find(cause(ada, asked), ear);
    place.leave(ada, ears[0]!);
    expect(matchOf(await find(cause(ben, asked)))).toBe(ears[1]!.notices[0]?.params.match);
    expect(ears[0]!.notices).toEqual([]);
  });

  it('is bounded, and knows its games', async () => {
    const { find, lobby: place } = await lobby({ waitingMost: 1 });
    await find(cause(ada, asked));
    expect(await find(cause(ben, asked))).toMatchObject({ kind: 'refused', refusal: { code: 'lobby_full' } });
    const other = await place.find({ game: 'chess' as GameId, cause: cause(ben), channel: new Ear() });
    expect(other).toMatchObject({ refusal: { code: 'game_unknown' } });
  });

  it('is not stopped by one who waits with a command id that is used up meanwhile', async () => {
    const { find } = await lobby();
    const match = await startedMatch(backend.matches);
    const by = cause(ada, asked);
    expect(await find(by)).toEqual(waiting);
    await backend.matches.obey(match, { type: 'resign', cause: cause(ada, {}, by.command) });
    expect(await find(cause(ben, asked))).toEqual(waiting);
    expect(await find(cause(eve, asked))).toMatchObject(matched);
  });

  it('passes over one whose quota has filled while they waited, and pairs them when there is room again', async () => {
    const { find, lobby: place } = await lobby();
    const ear = new Ear();
    expect(await find(cause(ada, asked), ear)).toEqual(waiting);
    const open = [];
    for (let left = limits.openMatchesPerPlayer; left > 0; left -= 1) {
      open.push(await startedMatch(backend.matches, [ada, zoe]));
    }
    expect(await find(cause(ben, asked))).toEqual(waiting);
    expect(matchOf(await find(cause(eve, asked)))).toBeDefined();
    expect(await backend.log.countOpenSeats(ada)).toBe(limits.openMatchesPerPlayer);
    expect(ear.notices).toEqual([]);
    expect(place.waiting(game)).toBe(1);
    await backend.matches.obey(open[0]!, { type: 'resign', cause: cause(ada) });
    const match = matchOf(await find(cause(eve, asked)));
    expect(ear.notices).toMatchObject([{ params: { match } }]);
  });

  it('keeps the one who waited in place when the match cannot be written', async () => {
    let isFull = false;
    backend = await memoryBackend({
      wrap: (store) => ({
        engine: store.engine,
        db: store.db,
        purge: () => store.purge(),
        close: () => store.close(),
        commit: async (groups) => {
          if (isFull) throw new StoreError('disk_full', 'on purpose');
          return await store.commit(groups);
        },
      }),
    });
    const place = new Lobby({ matches: backend.matches });
    const ear = new Ear();
    await place.find({ game, cause: cause(ada, asked), channel: ear });
    isFull = true;
    const bens = cause(ben, asked);
    await expect(place.find({ game, cause: bens, channel: new Ear() })).rejects.toThrow('disk_full');
    expect(place.waiting(game)).toBe(1);
    isFull = false;
    expect(await place.find({ game, cause: bens, channel: new Ear() })).toMatchObject(matched);
    expect(ear.notices).toHaveLength(1);
  });
});
