import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeFeed, type EndedSession } from '../../../src/auth/change-feed.ts';
import { endSessions } from '../../../src/auth/end-sessions.ts';
import type { AuthSchema, SessionEnd } from '../../../src/auth/schema.ts';
import { createLogger } from '../../../src/process/logger.ts';
import { newId, type SessionId, webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { memoryStore, SteppedClock } from '../../support/auth-fixture.ts';

const player = newId('player');
const lines: string[] = [];
const logger = createLogger({
  name: 'test',
  destination: { write: (line: string) => void lines.push(line) },
});
let store: Store<AuthSchema>;
let clock: SteppedClock;
let feeds: ChangeFeed[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  lines.length = 0;
  feeds = [];
  clock = new SteppedClock();
  store = await memoryStore();
  await store.db
    .insertInto('accounts')
    .values({ player, name: 'anna', name_skeleton: 'anna', password_digest: '', created_at: 0 })
    .execute();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const feed of feeds) feed.close();
  await store.close();
});

async function openFeed(
  over: Store<AuthSchema> = store,
): Promise<{ feed: ChangeFeed; heard: EndedSession[] }> {
  const feed = await ChangeFeed.open({ store: over, logger, clock: clock.read, randomBytes: webRandomBytes });
  feeds.push(feed);
  const heard: EndedSession[] = [];
  feed.onSessionEnd((end) => heard.push(end));
  return { feed, heard };
}

async function startSession(): Promise<SessionId> {
  const session = newId('session');
  await store.db
    .insertInto('sessions')
    .values({ session, player, created_at: 0, last_seen_at: 0, expires_at: clock.now + 1_000_000 })
    .execute();
  return session;
}

const end = async (session: SessionId, because: SessionEnd = 'logout'): Promise<void> =>
  await store.db
    .transaction()
    .execute(async (transaction) => await endSessions(transaction, { session }, { now: clock.now, because }));

describe('C13 the feed of changes', () => {
  it('is looked at at least twice a second, and tells every end once, in order', async () => {
    const { heard } = await openFeed();
    const sessions = await Promise.all([startSession(), startSession(), startSession()]);
    await end(sessions[0]!, 'banned');
    await vi.advanceTimersByTimeAsync(500);
    await vi.waitFor(() => expect(heard).toEqual([{ session: sessions[0], because: 'banned' }]));
    await end(sessions[1]!);
    await end(sessions[2]!);
    await end(sessions[1]!, 'banned');
    await vi.advanceTimersByTimeAsync(500);
    await vi.waitFor(() => expect(heard.map(({ session }) => session)).toEqual(sessions));
    expect(heard[1]!.because).toBe('logout');
  });

  it('reaches each feed, and only with what came after it was opened', async () => {
    const before = await startSession();
    await end(before);
    const one = await openFeed();
    const other = await openFeed();
    const session = await startSession();
    await end(session);
    await Promise.all([one.feed.read(), other.feed.read()]);
    expect([one.heard, other.heard]).toEqual(Array(2).fill([{ session, because: 'logout' }]));
  });

  it('has passed on, when a read resolves, all that was committed before it was asked', async () => {
    const { feed, heard } = await openFeed();
    for (let round = 1; round <= 50; round += 1) {
      const session = await startSession();
      void feed.read();
      await end(session);
      await feed.read();
      expect(heard).toHaveLength(round);
    }
  });

  it('reads more than one page at once', async () => {
    const { feed, heard } = await openFeed();
    await store.db
      .insertInto('changes')
      .expression(
        store.db
          .withRecursive('counted(n)', (db) =>
            db
              .selectNoFrom(({ lit }) => lit(1).as('n'))
              .unionAll(
                db
                  .selectFrom('counted')
                  .select(({ eb }) => eb('n', '+', 1).as('n'))
                  .where('n', '<', 2_500),
              ),
          )
          .selectFrom('counted')
          .select(({ ref, lit, val }) => [
            ref('n').as('number'),
            val('session_ended').as('kind'),
            val(newId('session')).as('subject'),
            val('logout').as('detail'),
            lit(0).as('at'),
          ]),
      )
      .execute();
    await feed.read();
    expect(heard).toHaveLength(2_500);
  });

  it('forgets what is a day old, and goes on counting where it was', async () => {
    const { feed, heard } = await openFeed();
    await end(await startSession());
    await feed.read();
    clock.advance(86_401);
    await feed.forgetOld();
    expect(await store.db.selectFrom('changes').select('number').execute()).toEqual([]);
    const late = await openFeed();
    await end(await startSession());
    await Promise.all([feed.read(), late.feed.read()]);
    expect(heard).toHaveLength(2);
    expect(late.heard).toHaveLength(1);
  });

  it('survives a listener that fails and a store that cannot be read, and says so once', async () => {
    let isBroken = false;
    const db = new Proxy(store.db, {
      get(target, name) {
        if (isBroken && name === 'selectFrom') {
          return () => {
            throw new Error('the disk has gone');
          };
        }
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { feed, heard } = await openFeed({ ...store, db } as Store<AuthSchema>);
    feed.onSessionEnd(() => {
      throw new Error('a listener fails');
    });
    const session = await startSession();
    await end(session);
    isBroken = true;
    await feed.read();
    await feed.read();
    expect(heard).toEqual([]);
    isBroken = false;
    await feed.read();
    expect(heard).toEqual([{ session, because: 'logout' }]);
    const said = lines.map((line) => JSON.parse(line).msg);
    expect(said).toEqual([
      'changes in the account store cannot be read',
      'a change in the account store was not acted on',
      'changes in the account store can be read again',
    ]);
  });

  it('is silent once closed', async () => {
    const { feed, heard } = await openFeed();
    feed.close();
    await end(await startSession());
    await vi.advanceTimersByTimeAsync(2_000);
    await feed.read();
    expect(heard).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
