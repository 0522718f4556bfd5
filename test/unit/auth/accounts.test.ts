import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../../src/auth/accounts.ts';
import { HashQueue } from '../../../src/auth/passwords/hash-queue.ts';
import type { PasswordCost } from '../../../src/auth/passwords/password-cost.ts';
import { PasswordHasher } from '../../../src/auth/passwords/password-hasher.ts';
import { RecoveryCodes } from '../../../src/auth/recovery/recovery-codes.ts';
import type { AuthSchema } from '../../../src/auth/schema.ts';
import { webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { cheapCost, codeOf, memoryStore, SteppedClock } from '../../support/auth-fixture.ts';

let store: Store<AuthSchema>;
const clock = new SteppedClock();
const password = 'correct horse';

async function accountsAt(cost: PasswordCost = cheapCost): Promise<Accounts> {
  const hasher = await PasswordHasher.create({
    cost,
    queue: new HashQueue({ inFlight: 2, waiting: 64 }),
    randomBytes: webRandomBytes,
  });
  const policy = { minimumLength: 8, common: new Set(['password1']) };
  const codes = new RecoveryCodes({ randomBytes: webRandomBytes });
  return new Accounts({ store, hasher, policy, codes, clock: clock.read, randomBytes: webRandomBytes });
}

const digestOf = async (name: string): Promise<string> =>
  (
    await store.db
      .selectFrom('accounts')
      .select('password_digest')
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
  ).password_digest;

beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => {
  await store.close();
});

describe('D7 one name, one account', () => {
  it('makes exactly one of 20 registrations at once, in different forms', async () => {
    const accounts = await accountsAt();
    const forms = ['ren\u00e9', 'Ren\u00e9', 'REN\u00c9', 'rene\u0301', '\uff52en\u00e9'];
    const codes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        codeOf(accounts.register({ name: forms[index % forms.length]!, password })),
      ),
    );
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'name_taken')).toHaveLength(19);
    expect(await store.db.selectFrom('accounts').select('name').execute()).toEqual([{ name: 'ren\u00e9' }]);
  });

  it('refuses a name that only looks like one that is taken', async () => {
    const accounts = await accountsAt();
    await accounts.register({ name: 'paypal', password });
    for (const name of ['paypa1', 'PayPal']) {
      expect(await codeOf(accounts.register({ name, password }))).toBe('name_taken');
    }
    await accounts.register({ name: 'scope', password });
    expect(await codeOf(accounts.register({ name: '\u0455\u0441\u043e\u0440\u0435', password }))).toBe(
      'name_taken',
    );
  });
});

describe('D8 signing in with the other Unicode form', () => {
  it('takes NFC and NFD of the password for the same', async () => {
    const accounts = await accountsAt();
    const { player } = await accounts.register({ name: 'anna', password: 'caf\u00e9 au lait' });
    const signedIn = await accounts.authenticate({ name: 'ANNA', password: 'cafe\u0301 au lait' });
    expect(signedIn).toEqual({ player, name: 'anna', createdAt: clock.now });
  });
});

describe('D1 upgrade of the stored hash', () => {
  it('happens by the right password only, and only upwards', async () => {
    await (await accountsAt()).register({ name: 'anna', password });
    const old = await digestOf('anna');
    const stronger = await accountsAt({ memoryKib: 128, passes: 2 });
    expect(await codeOf(stronger.authenticate({ name: 'anna', password: `${password}!` }))).toBe(
      'credentials_wrong',
    );
    expect(await digestOf('anna')).toBe(old);
    await stronger.authenticate({ name: 'anna', password });
    const upgraded = await digestOf('anna');
    expect(upgraded).toMatch(/^\$argon2id\$v=19\$(?=.*m=128)(?=.*t=2)/);
    await (await accountsAt()).authenticate({ name: 'anna', password });
    await stronger.authenticate({ name: 'anna', password });
    expect(await digestOf('anna')).toBe(upgraded);
  });

  it('stores argon2id at the floor or above after registration', async () => {
    await (await accountsAt({ memoryKib: 19_456, passes: 2 })).register({ name: 'anna', password });
    expect(await digestOf('anna')).toMatch(/^\$argon2id\$v=19\$(?=.*m=19456)(?=.*t=2)(?=.*p=1)/);
  });
});

describe('refusals', () => {
  it('say the same of a wrong password, an unknown, an impossible and a disabled account', async () => {
    const accounts = await accountsAt();
    await accounts.register({ name: 'anna', password });
    await accounts.register({ name: 'bert', password });
    await store.db.updateTable('accounts').set({ disabled_at: 1 }).where('name', '=', 'bert').execute();
    const messages = new Set<string>();
    for (const credentials of [
      { name: 'anna', password: 'wrong password' },
      { name: 'nobody', password },
      { name: '\u202e', password },
      { name: 'bert', password },
    ]) {
      const error: unknown = await accounts.authenticate(credentials).catch((thrown: unknown) => thrown);
      messages.add(JSON.stringify(error) + String(error));
      expect(error).toMatchObject({ code: 'credentials_wrong', rule: undefined });
    }
    expect(messages.size).toBe(1);
  });

  it('keep what is refused out of the store', async () => {
    const accounts = await accountsAt();
    expect(await codeOf(accounts.register({ name: 'a b', password }))).toBe('name_refused');
    expect(await codeOf(accounts.register({ name: 'anna', password: 'short' }))).toBe('password_refused');
    expect(await codeOf(accounts.register({ name: 'anna', password: 'Password1' }))).toBe('password_refused');
    expect(await codeOf(accounts.register({ name: 'anna', password: 'x'.repeat(2000) }))).toBe(
      'password_refused',
    );
    expect(await store.db.selectFrom('accounts').select('name').execute()).toEqual([]);
  });
});
