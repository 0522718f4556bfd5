import { calculateJwkThumbprint } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import { SigningKeys } from '../../../../src/auth/tokens/signing-keys.ts';
import type { Store } from '../../../../src/store/index.ts';
import { memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';

let store: Store<AuthSchema>;
let clock: SteppedClock;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
});
afterEach(async () => {
  await store.close();
});

const load = async (): Promise<SigningKeys> => await SigningKeys.load({ store, clock: clock.read });

describe('signing keys', () => {
  it('are made once: all who start with one store sign with one key', async () => {
    const loaded = await Promise.all([load(), load(), load()]);
    expect(new Set(loaded.map((keys) => keys.current().kid)).size).toBe(1);
    expect(await store.db.selectFrom('signing_keys').select('kid').execute()).toHaveLength(1);
  });

  it('are made once by processes whose clocks differ', async () => {
    const behind = new SteppedClock(clock.now - 5000);
    const first = (await load()).current().kid;
    const late = await SigningKeys.load({ store, clock: behind.read });
    expect(late.current().kid).toBe(first);
    expect(late.jwks().keys).toHaveLength(1);
  });

  it('are named by their thumbprint (RFC 7638)', async () => {
    const keys = await load();
    const [jwk] = keys.jwks().keys;
    expect(jwk!.kid).toBe(await calculateJwkThumbprint(jwk!));
    expect(keys.find(jwk!.kid!)).toMatchObject({ alg: 'EdDSA' });
  });

  it('C15 show no private member, in the set or in the keys handed out', async () => {
    const keys = await load();
    expect(JSON.stringify(keys.jwks())).not.toMatch(/"(d|k|p|q)"/);
    expect(keys.current().privateKey.extractable).toBe(false);
    expect(keys.find(keys.current().kid)!.publicKey.usages).toEqual(['verify']);
  });

  it('sign from their time on, are known before it, and verify nothing once retired', async () => {
    const first = (await load()).current().kid;
    const other = await memoryStore();
    const row = await SigningKeys.load({ store: other, clock: clock.read }).then(() =>
      other.db.selectFrom('signing_keys').selectAll().executeTakeFirstOrThrow(),
    );
    await other.close();
    await store.db
      .insertInto('signing_keys')
      .values({ ...row, not_before: clock.now + 3_600_000 })
      .execute();
    await store.db
      .updateTable('signing_keys')
      .set({ retired_at: clock.now + 7_200_000 })
      .where('kid', '=', first)
      .execute();
    const keys = await load();
    expect(keys.current().kid).toBe(first);
    expect(keys.find(row.kid)).toBeDefined();
    clock.advance(3600);
    expect(keys.current().kid).toBe(row.kid);
    expect(keys.find(first)).toBeDefined();
    clock.advance(3600);
    expect(keys.find(first)).toBeUndefined();
    expect(keys.jwks().keys.map(({ kid }) => kid)).toEqual([row.kid]);
  });

  it('are replaced when the only one is retired', async () => {
    const first = (await load()).current().kid;
    await store.db.updateTable('signing_keys').set({ retired_at: clock.now }).execute();
    expect((await load()).current().kid).not.toBe(first);
  });

  it('are not used when damaged', async () => {
    await load();
    await store.db.updateTable('signing_keys').set({ private_jwk: '{"kty":"OKP"}' }).execute();
    await expect(load()).rejects.toThrow('damaged');
  });
});
