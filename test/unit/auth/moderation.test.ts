import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Moderation } from '../../../src/auth/moderation.ts';
import { RecoveryCodes } from '../../../src/auth/recovery/recovery-codes.ts';
import type { AuthSchema } from '../../../src/auth/schema.ts';
import { Sessions, sessionLimits } from '../../../src/auth/sessions.ts';
import { newId, webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { codeOf, memoryStore, SteppedClock } from '../../support/auth-fixture.ts';

const anna = { player: newId('player'), name: 'anna' };
const bert = { player: newId('player'), name: 'bert' };
let store: Store<AuthSchema>;
let clock: SteppedClock;
let sessions: Sessions;
let moderation: Moderation;
let codes: RecoveryCodes;
const onEnd = vi.fn(async () => {});

beforeEach(async () => {
  onEnd.mockClear();
  store = await memoryStore();
  clock = new SteppedClock();
  const parts = { store, clock: clock.read, randomBytes: webRandomBytes };
  sessions = new Sessions({ ...parts, limits: sessionLimits });
  codes = new RecoveryCodes({ randomBytes: webRandomBytes });
  moderation = new Moderation({ ...parts, codes, actor: 'operator:root', onEnd });
  for (const { player, name } of [anna, bert]) {
    await store.db
      .insertInto('accounts')
      .values({ player, name, name_skeleton: name, password_digest: '', created_at: clock.now })
      .execute();
  }
});
afterEach(async () => {
  await store.close();
});

const announced = async () => await store.db.selectFrom('changes').select(['subject', 'detail']).execute();
const log = async () =>
  await store.db.selectFrom('audit_log').select(['actor', 'action', 'subject', 'detail']).execute();

describe('C13 moderation', () => {
  it('a ban ends every session of the player and no other, and says who, why and until when', async () => {
    const mine = await sessions.start(anna);
    const other = await sessions.start(bert);
    await moderation.ban(anna.player, { reason: 'cheats', until: clock.now + 86_400_000 });
    expect(onEnd).toHaveBeenCalledOnce();
    await expect(sessions.requireLive({ ...anna, session: mine.session })).rejects.toMatchObject({
      code: 'session_ended',
      because: 'banned',
      rule: 'session.banned',
    });
    expect(await codeOf(sessions.requireLive({ ...bert, session: other.session }))).toBeUndefined();
    expect(await announced()).toEqual([{ subject: mine.session, detail: 'banned' }]);
    expect(await log()).toEqual([
      {
        actor: 'operator:root',
        action: 'user.ban',
        subject: anna.player,
        detail: 'until 2026-06-02T00:00:00.000Z: cheats',
      },
    ]);
  });

  it('a ban shuts out even a session that it did not end, until it ends or is lifted', async () => {
    await moderation.ban(anna.player, { reason: '', until: clock.now + 1_000 });
    // One that another process started from a sign-in that had been checked before the ban.
    const late = await sessions.start(anna);
    const live = async () => await codeOf(sessions.requireLive({ ...anna, session: late.session }));
    expect(await live()).toBe('session_ended');
    clock.advance(1);
    expect(await live()).toBeUndefined();
    await moderation.ban(anna.player, { reason: '', until: undefined });
    const again = await sessions.start(anna);
    expect(await codeOf(sessions.refresh(again.refreshToken))).toBe('session_ended');
    await moderation.unban(anna.player);
    expect(await codeOf(sessions.refresh(again.refreshToken))).toBeUndefined();
  });

  it('revokes one session, or all of a player', async () => {
    const three = [];
    for (let count = 0; count < 3; count += 1) three.push((await sessions.start(anna)).session);
    await moderation.revoke({ session: three[1]! });
    expect(await announced()).toEqual([{ subject: three[1], detail: 'revoked' }]);
    await moderation.revoke({ player: anna.player });
    expect((await announced()).map(({ subject }) => subject).toSorted()).toEqual(three.toSorted());
  });

  it('D10 a reset takes password and codes away, and gives a code for one day that is no password', async () => {
    const { session } = await sessions.start(anna);
    await store.db.transaction().execute(async (transaction) => {
      await codes.issueSet(transaction, { player: anna.player, now: clock.now });
    });
    const { code, expiresAt } = await moderation.reset(anna.player);
    expect(expiresAt).toBe(clock.now + 86_400_000);
    expect(await announced()).toEqual([{ subject: session, detail: 'revoked' }]);
    const rows = await store.db.selectFrom('accounts').select(['name', 'password_digest']).execute();
    expect(rows).toContainEqual({ name: 'anna', password_digest: '' });
    expect(await codes.left(store.db, anna.player)).toBe(1);
    const isGood = async () =>
      await codes.isGood(store.db, { player: anna.player, typed: code, now: clock.now });
    expect(await isGood()).toBe(true);
    clock.advance(86_400);
    expect(await isGood()).toBe(false);
    expect(JSON.stringify(await store.db.selectFrom('recovery_codes').selectAll().execute())).not.toContain(
      code,
    );
    expect(JSON.stringify(await log())).not.toContain(code);
  });

  it('F5 deletes an account with all that says who it was, and announces the ends first', async () => {
    const { session } = await sessions.start(anna, { device: 'annas laptop' });
    await moderation.delete(anna.player);
    expect(await announced()).toEqual([{ subject: session, detail: 'account_deleted' }]);
    for (const table of ['accounts', 'sessions', 'refresh_tokens'] as const) {
      expect(JSON.stringify(await store.db.selectFrom(table).selectAll().execute())).not.toContain('anna');
    }
    expect(JSON.stringify(await log())).not.toContain('anna');
  });
});
