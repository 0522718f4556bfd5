import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GuessGuard } from '../../../../src/auth/guessing/guess-guard.ts';
import { guessLimits } from '../../../../src/auth/guessing/guess-limits.ts';
import { KeyEncryption } from '../../../../src/auth/key-encryption.ts';
import { RecoveryCodes } from '../../../../src/auth/recovery/recovery-codes.ts';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import { SecondFactor } from '../../../../src/auth/second-factor/second-factor.ts';
import { totpCode, totpStep } from '../../../../src/auth/second-factor/totp.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import { newId, webRandomBytes as randomBytes } from '../../../../src/protocol/ids.ts';
import type { Store } from '../../../../src/store/index.ts';
import { codeOf, memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';
import { fromBase32 } from '../../../support/base32.ts';

const encrypted = new KeyEncryption(Buffer.alloc(32, 7));
const plain = new KeyEncryption(undefined);
const [anna, bert] = [newId('player'), newId('player')];
const address = '192.0.2.1';
let store: Store<AuthSchema>;
let clock: SteppedClock;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
  for (const [player, name] of [
    [anna, 'anna'],
    [bert, 'bert'],
  ] as const) {
    await store.db
      .insertInto('accounts')
      .values({ player, name, name_skeleton: name, password_digest: '', created_at: 1 } as never)
      .execute();
  }
});
afterEach(async () => {
  await store.close();
});

function secondFactor(encryption: KeyEncryption): SecondFactor {
  const guard = new GuessGuard({
    store,
    limits: guessLimits,
    key: Buffer.alloc(32),
    clock: clock.read,
    logger: createLogger({ name: 'test', level: 'silent' }),
  });
  const codes = new RecoveryCodes({ randomBytes });
  return new SecondFactor({ store, codes, guard, encryption, clock: clock.read, randomBytes });
}

const shown = (secret: Buffer) => totpCode(secret, totpStep(clock.now));
const stored = async () =>
  (await store.db.selectFrom('totp_secrets').select('secret').executeTakeFirstOrThrow()).secret;

async function turnOn(factor: SecondFactor): Promise<Buffer> {
  const secret = fromBase32(await factor.enrol(anna));
  await factor.confirm({ player: anna, address }, shown(secret));
  clock.advance(60);
  return secret;
}

describe('the secret of an authenticator app', () => {
  it('has 160 random bits, and stands encrypted where keys do', async () => {
    const secret = await turnOn(secondFactor(encrypted));
    expect(secret).toHaveLength(20);
    expect(await stored()).toMatch(/^sealed:/);
    await secondFactor(encrypted).check({ player: anna, address }, shown(secret));
  });

  it('opens with no other key, and in no other row', async () => {
    const secret = await turnOn(secondFactor(encrypted));
    const other = secondFactor(new KeyEncryption(Buffer.alloc(32, 8)));
    expect(await codeOf(other.check({ player: anna, address }, shown(secret)))).toBe('settings_invalid');
    await store.db.updateTable('totp_secrets').set({ player: bert }).execute();
    const moved = secondFactor(encrypted).check({ player: bert, address }, shown(secret));
    expect(await codeOf(moved)).toBe('settings_invalid');
  });

  it('is encrypted at its next use when there was no key before', async () => {
    const secret = await turnOn(secondFactor(plain));
    expect(await stored()).toBe(secret.toString('base64url'));
    await secondFactor(encrypted).check({ player: anna, address }, shown(secret));
    expect(await stored()).toMatch(/^sealed:/);
    clock.advance(30);
    await secondFactor(encrypted).check({ player: anna, address }, shown(secret));
  });

  it('goes with its account', async () => {
    await turnOn(secondFactor(plain));
    await store.db.deleteFrom('accounts').where('player', '=', anna).execute();
    expect(await store.db.selectFrom('totp_secrets').selectAll().execute()).toEqual([]);
  });
});
