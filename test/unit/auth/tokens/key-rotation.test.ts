import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyEncryption } from '../../../../src/auth/key-encryption.ts';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import { AccessTokens } from '../../../../src/auth/tokens/access-tokens.ts';
import { rotateKeys, rotateKeysWhenDue } from '../../../../src/auth/tokens/key-rotation.ts';
import { SigningKeys } from '../../../../src/auth/tokens/signing-keys.ts';
import { newId, webRandomBytes } from '../../../../src/protocol/ids.ts';
import type { Store } from '../../../../src/store/index.ts';
import { codeOf, memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';

const encryption = new KeyEncryption(undefined);
let store: Store<AuthSchema>;
let clock: SteppedClock;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
});
afterEach(async () => {
  await store.close();
});

/** A process with its own view of the keys and its own clock. */
async function processWith({ skewMs = 0 } = {}) {
  const read = (): number => clock.now + skewMs;
  const keys = await SigningKeys.load({ store, clock: read });
  const tokens = new AccessTokens({
    keys,
    issuer: 'https://localhost',
    audience: 'castling',
    lifetimeSeconds: 600,
    clock: read,
    randomBytes: webRandomBytes,
  });
  return { keys, tokens };
}

const someone = { player: newId('player'), session: newId('session') };
const options = () => ({ clock: clock.read, encryption });

describe('C12 a rotation', () => {
  it('refuses no token that has not expired, however late a process hears of it and however its clock goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          skewMs: fc.integer({ min: -15_000, max: 15_000 }),
          hearsAfter: fc.integer({ min: 0, max: 570 }),
        }),
        async ({ skewMs, hearsAfter }) => {
          const one = await processWith();
          const other = await processWith({ skewMs });
          const live: { token: string; expiresAt: number }[] = [];
          await rotateKeys(store, options());
          await one.keys.reload();
          for (let second = 0; second < 1_500; second += 15) {
            if (second >= hearsAfter && second < hearsAfter + 15) await other.keys.reload();
            for (const { tokens } of [one, other]) live.push(await tokens.issue(someone));
            for (const { token, expiresAt } of live.filter((each) => each.expiresAt * 1000 > clock.now)) {
              // Those about to expire, and one in a few of the rest.
              if (expiresAt * 1000 - clock.now > 30_000 && (expiresAt + second) % 5 > 0) continue;
              for (const { tokens } of [one, other])
                expect(await codeOf(tokens.verify(token))).toBeUndefined();
            }
            clock.advance(15);
          }
          expect(one.keys.jwks().keys).toHaveLength(1);
        },
      ),
      { numRuns: 4 },
    );
  }, 60_000);

  it('publishes the new key for ten minutes, signs with it then, and retires the old one after the last of its tokens', async () => {
    const { keys, tokens } = await processWith();
    const old = keys.current().kid;
    const { kid, notBefore } = await rotateKeys(store, options());
    await keys.reload();
    expect(notBefore).toBe(clock.now + 600_000);
    expect(
      keys
        .jwks()
        .keys.map((each) => each.kid)
        .toSorted(),
    ).toEqual([old, kid].toSorted());
    clock.advance(599);
    expect(keys.current().kid).toBe(old);
    const { token } = await tokens.issue(someone);
    clock.advance(1);
    expect(keys.current().kid).toBe(kid);
    clock.advance(590);
    expect(await codeOf(tokens.verify(token))).toBeUndefined();
    clock.advance(130);
    expect(keys.find(old)).toBeUndefined();
    expect(await codeOf(tokens.verify(token))).toBe('token_key_unknown');
    expect(keys.jwks().keys.map((each) => each.kid)).toEqual([kid]);
  });

  it('at once refuses every token of the key that leaked, and goes on with the new one', async () => {
    const { keys, tokens } = await processWith();
    const { token } = await tokens.issue(someone);
    const { kid } = await rotateKeys(store, { ...options(), atOnce: true });
    await keys.reload();
    expect(await codeOf(tokens.verify(token))).toBe('token_key_unknown');
    expect(keys.current().kid).toBe(kid);
    expect(await codeOf(tokens.verify((await tokens.issue(someone)).token))).toBeUndefined();
  });

  it('comes every 30 days, once for all processes, and deletes the rows of keys long retired', async () => {
    await processWith();
    expect(await rotateKeysWhenDue(store, options())).toBeUndefined();
    for (let month = 0; month < 3; month += 1) {
      clock.advance(30 * 86_400 + 600);
      const made = await Promise.all(Array.from({ length: 5 }, () => rotateKeysWhenDue(store, options())));
      expect(made.filter((each) => each !== undefined)).toHaveLength(1);
    }
    expect(await store.db.selectFrom('signing_keys').select('kid').execute()).toHaveLength(2);
    const log = await store.db.selectFrom('audit_log').select(['actor', 'action']).execute();
    expect(log).toEqual(Array(3).fill({ actor: 'castling', action: 'keys.rotate' }));
  });
});

describe('C12 unknown key ids', () => {
  it('never make a process read the keys anew, however many come', async () => {
    const { keys, tokens } = await processWith();
    const queries = vi.spyOn(store.db, 'selectFrom');
    const { token } = await tokens.issue(someone);
    const [, payload, signature] = token.split('.');
    for (let index = 0; index < 500; index += 1) {
      const header = Buffer.from(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: `unknown${index}` }));
      const forged = `${header.toString('base64url')}.${payload}.${signature}`;
      expect(await codeOf(tokens.verify(forged))).toBe('token_key_unknown');
    }
    expect(queries).not.toHaveBeenCalled();
    await keys.reload();
    expect(queries).toHaveBeenCalledOnce();
  });
});
