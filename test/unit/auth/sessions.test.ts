import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthSchema } from '../../../src/auth/schema.ts';
import { Sessions, sessionLimits } from '../../../src/auth/sessions.ts';
import { newId, type PlayerId, webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { codeOf, memoryStore, SteppedClock } from '../../support/auth-fixture.ts';

const day = 86_400;
let store: Store<AuthSchema>;
let clock: SteppedClock;
let anna: { player: PlayerId; name: string };

const sessionsWith = (limits = {}): Sessions =>
  new Sessions({
    store,
    clock: clock.read,
    randomBytes: webRandomBytes,
    limits: { ...sessionLimits, ...limits },
  });

const endOf = async (session: string): Promise<string | null | undefined> =>
  (
    await store.db
      .selectFrom('sessions')
      .select('ended_because')
      .where('session', '=', session as never)
      .executeTakeFirst()
  )?.ended_because;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
  anna = { player: newId('player'), name: 'anna' };
  await store.db
    .insertInto('accounts')
    .values({
      ...anna,
      name_skeleton: 'anna',
      password_digest: '',
      created_at: clock.now,
      disabled_at: null,
      disabled_until: null,
      disabled_reason: null,
    })
    .execute();
});
afterEach(async () => {
  await store.close();
});

describe('refresh tokens', () => {
  it('are used once; each makes the next of the same session', async () => {
    const sessions = sessionsWith();
    const first = await sessions.start(anna, { device: 'laptop' });
    clock.advance(600);
    const second = await sessions.refresh(first.refreshToken);
    expect(second).toMatchObject({ ...anna, session: first.session });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.refreshExpiresAt).toBe(clock.now + sessionLimits.refreshSeconds * 1000);
    expect((await sessions.refresh(second.refreshToken)).session).toBe(first.session);
  });

  it('end the session when one is used again, for whoever holds the newest too', async () => {
    const sessions = sessionsWith();
    const first = await sessions.start(anna);
    const other = await sessions.start(anna);
    const second = await sessions.refresh(first.refreshToken);
    clock.advance(6);
    expect(await codeOf(sessions.refresh(first.refreshToken))).toBe('session_ended');
    expect(await codeOf(sessions.refresh(second.refreshToken))).toBe('session_ended');
    expect(await codeOf(sessions.requireLive({ ...anna, session: first.session }))).toBe('session_ended');
    expect(await endOf(first.session)).toBe('refresh_token_reused');
    expect(await codeOf(sessions.refresh(other.refreshToken))).toBeUndefined();
  });

  it('are refused when unknown or older than their time, which ends nothing', async () => {
    const sessions = sessionsWith();
    expect(await codeOf(sessions.refresh(`crt_${'A'.repeat(43)}`))).toBe('refresh_token_invalid');
    const { refreshToken, session } = await sessions.start(anna);
    clock.advance(sessionLimits.refreshSeconds);
    expect(await codeOf(sessions.refresh(refreshToken))).toBe('refresh_token_invalid');
    expect(await endOf(session)).toBeNull();
  });

  it('do not carry a session beyond its own end', async () => {
    const sessions = sessionsWith();
    let latest = await sessions.start(anna);
    for (let spent = 0; spent < 160; spent += 20) {
      clock.advance(20 * day);
      latest = await sessions.refresh(latest.refreshToken);
    }
    expect(latest.refreshExpiresAt).toBe(clock.now + 20 * day * 1000);
    clock.advance(20 * day);
    expect(await codeOf(sessions.refresh(latest.refreshToken))).toBe('session_ended');
    expect(await codeOf(sessions.requireLive({ ...anna, session: latest.session }))).toBe('session_ended');
  });

  it('leave only their hash in the store, and a bounded number of those', async () => {
    const sessions = sessionsWith({ usedTokensPerSession: 3 });
    const issued = [await sessions.start(anna)];
    for (let round = 0; round < 8; round += 1) {
      clock.advance(1);
      issued.push(await sessions.refresh(issued.at(-1)!.refreshToken));
    }
    const rows = await store.db.selectFrom('refresh_tokens').selectAll().execute();
    expect(rows).toHaveLength(4);
    const text = JSON.stringify(rows);
    for (const { refreshToken } of issued) expect(text).not.toContain(refreshToken.slice(4));
    clock.advance(5);
    // Those that are remembered still give a thief away.
    expect(await codeOf(sessions.refresh(issued[6]!.refreshToken))).toBe('session_ended');
  });

  it('have exactly one valid successor, however uses of old and new ones are mixed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { maxLength: 12 }), async (uses) => {
        const sessions = sessionsWith();
        const tokens = [(await sessions.start(anna)).refreshToken];
        let alive = true;
        for (const use of uses) {
          const index = use % tokens.length;
          const isNewest = index === tokens.length - 1;
          clock.advance(6);
          const outcome = sessions.refresh(tokens[index]!);
          if (alive && isNewest) tokens.push((await outcome).refreshToken);
          else expect(await codeOf(outcome)).toBe('session_ended');
          alive &&= isNewest;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keep no sealed answer that nobody may ask for any more', async () => {
    const sessions = sessionsWith();
    const first = await sessions.start(anna);
    const second = await sessions.refresh(first.refreshToken);
    clock.advance(6);
    await sessions.refresh(second.refreshToken);
    const sealed = await store.db
      .selectFrom('refresh_tokens')
      .select('sealed_next')
      .where('sealed_next', 'is not', null)
      .execute();
    expect(sealed).toHaveLength(1);
    expect(sealed[0]!.sealed_next).not.toContain(second.refreshToken.slice(4, 20));
  });
});

describe('C14 races of refreshes', () => {
  it('ten tabs with one token all get the same successor, and the session goes on with it', async () => {
    const sessions = sessionsWith();
    const { refreshToken, session } = await sessions.start(anna);
    const granted = await Promise.all(Array.from({ length: 10 }, () => sessions.refresh(refreshToken)));
    const successors = new Set(granted.map((each) => each.refreshToken));
    expect(successors.size).toBe(1);
    expect(await endOf(session)).toBeNull();
    clock.advance(600);
    expect((await sessions.refresh([...successors][0]!)).session).toBe(session);
  });

  it('a client that lost the answer gets the same one up to 5 s later, with the same expiry', async () => {
    const sessions = sessionsWith();
    const { refreshToken } = await sessions.start(anna);
    const lost = await sessions.refresh(refreshToken);
    clock.advance(5);
    const again = await sessions.refresh(refreshToken);
    expect(again).toEqual(lost);
    clock.advance(0.001);
    expect(await codeOf(sessions.refresh(refreshToken))).toBe('session_ended');
    expect(await codeOf(sessions.refresh(again.refreshToken))).toBe('session_ended');
  });

  it('a tab that is late by two refreshes gets the newest, and there is only one', async () => {
    const sessions = sessionsWith();
    const first = await sessions.start(anna);
    const second = await sessions.refresh(first.refreshToken);
    clock.advance(2);
    const third = await sessions.refresh(second.refreshToken);
    clock.advance(3);
    expect((await sessions.refresh(first.refreshToken)).refreshToken).toBe(third.refreshToken);
    const unused = await store.db
      .selectFrom('refresh_tokens')
      .select('digest')
      .where('used_at', 'is', null)
      .execute();
    expect(unused).toHaveLength(1);
  });

  it('no mixture of tabs within the grace signs anybody out or makes a second valid token', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ use: fc.nat({ max: 5 }), waitMs: fc.nat({ max: 3_000 }) }), { maxLength: 14 }),
        async (uses) => {
          const sessions = sessionsWith();
          const { refreshToken, session } = await sessions.start(anna);
          /** Each token with the time of its first use. */
          const tokens: { text: string; usedAt: number | undefined }[] = [
            { text: refreshToken, usedAt: undefined },
          ];
          for (const { use, waitMs } of uses) {
            clock.advance(waitMs / 1000);
            const index = Math.max(0, tokens.length - 1 - use);
            const chain = tokens.slice(index);
            const isLawful = chain.every(({ usedAt }) => usedAt === undefined || clock.now - usedAt <= 5_000);
            const outcome = sessions.refresh(tokens[index]!.text);
            if (!isLawful) {
              expect(await codeOf(outcome)).toBe('session_ended');
              expect(await endOf(session)).toBe('refresh_token_reused');
              return;
            }
            const { refreshToken: got } = await outcome;
            const newest = tokens.at(-1)!;
            if (index === tokens.length - 1) {
              newest.usedAt = clock.now;
              tokens.push({ text: got, usedAt: undefined });
            } else {
              expect(got).toBe(newest.text);
            }
          }
          expect(await endOf(session)).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the life of a session', () => {
  it('is asked for with its own player', async () => {
    const sessions = sessionsWith();
    const { session } = await sessions.start(anna);
    expect(await sessions.requireLive({ ...anna, session })).toEqual({
      name: 'anna',
      isGuest: false,
      accountCreatedAt: clock.now,
    });
    expect(await codeOf(sessions.requireLive({ player: newId('player'), session }))).toBe('session_ended');
    expect(await codeOf(sessions.requireLive({ ...anna, session: newId('session') }))).toBe('session_ended');
  });

  it('ends when the account is disabled', async () => {
    const sessions = sessionsWith();
    const { session, refreshToken } = await sessions.start(anna);
    await store.db.updateTable('accounts').set({ disabled_at: clock.now }).execute();
    expect(await codeOf(sessions.requireLive({ ...anna, session }))).toBe('session_ended');
    expect(await codeOf(sessions.refresh(refreshToken))).toBe('session_ended');
  });

  it.each([
    ['local', ['logout', null, null]],
    ['others', [null, 'logout_elsewhere', 'logout_elsewhere']],
    ['global', ['logout', 'logout_elsewhere', 'logout_elsewhere']],
  ] as const)('ends by logging out, %s', async (scope, ends) => {
    const sessions = sessionsWith();
    const three = [1, 2, 3].map(async () => (await sessions.start(anna)).session);
    const [mine, ...others] = await Promise.all(three);
    await sessions.logout({ ...anna, session: mine! }, scope);
    expect(await Promise.all([mine!, ...others].map(endOf))).toEqual(ends);
  });

  it('ends for the one unused longest when a player signs in too often', async () => {
    const sessions = sessionsWith({ sessionsPerPlayer: 3 });
    const started: Awaited<ReturnType<Sessions['start']>>[] = [];
    for (let count = 0; count < 3; count += 1) {
      clock.advance(1);
      started.push(await sessions.start(anna));
    }
    clock.advance(1);
    await sessions.refresh(started[0]!.refreshToken);
    await sessions.start(anna);
    expect(await Promise.all(started.map(({ session }) => endOf(session)))).toEqual([
      null,
      'displaced',
      null,
    ]);
  });

  it('is forgotten a month after its end, with its tokens, and not before', async () => {
    const sessions = sessionsWith();
    const ended = await sessions.start(anna);
    const live = await sessions.start(anna);
    await sessions.logout({ ...anna, session: ended.session }, 'local');
    clock.advance(30 * day);
    expect(await sessions.forgetOld()).toBe(0);
    clock.advance(1);
    expect(await sessions.forgetOld()).toBe(1);
    expect(await sessions.forgetOld()).toBe(0);
    const left = await store.db.selectFrom('refresh_tokens').select('session').execute();
    expect(left).toEqual([{ session: live.session }]);
  });
});
