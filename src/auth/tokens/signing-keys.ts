import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Store } from '../../store/index.ts';
import type { AuthSchema, SigningKeyRow } from '../schema.ts';
import { importVerificationKey, keysByKid, type VerificationKey } from './verification-key.ts';

interface SigningKey extends VerificationKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly notBefore: number;
  readonly retiredAt: number;
}

/** The keys that sign and verify access tokens, as they stand in the store. */
export class SigningKeys {
  readonly #byKid: ReadonlyMap<string, SigningKey>;
  readonly #clock: () => number;

  private constructor(keys: readonly SigningKey[], clock: () => number) {
    this.#byKid = keysByKid(keys);
    this.#clock = clock;
  }

  /**
   * Reads the keys, making the first one in a store that has none. Whether there is one is read inside the transaction that
   * would make it, and by presence, not by time: processes that start together, with clocks that differ, agree on one key.
   */
  static async load(store: Store<AuthSchema>, clock: () => number): Promise<SigningKeys> {
    const candidate = await newKeyRow(clock());
    const rows = await store.db.transaction().execute(async (transaction) => {
      const present = await transaction
        .selectFrom('signing_keys')
        .selectAll()
        .where((row) => row.or([row('retired_at', 'is', null), row('retired_at', '>', clock())]))
        .execute();
      if (present.length > 0) return present;
      await transaction.insertInto('signing_keys').values(candidate).execute();
      return [candidate];
    });
    return new SigningKeys(await Promise.all(rows.map(importRow)), clock);
  }

  /** The key to verify with. A key that has been retired is as unknown as one that never was. */
  readonly find = (kid: string): VerificationKey | undefined => {
    const key = this.#byKid.get(kid);
    return key !== undefined && this.#clock() < key.retiredAt ? key : undefined;
  };

  /** The newest key whose time has come; failing that, since clocks differ, the one whose time comes first. */
  current(): SigningKey {
    const now = this.#clock();
    const usable = [...this.#byKid.values()]
      .filter((key) => now < key.retiredAt)
      .toSorted((one, other) => one.notBefore - other.notBefore);
    const current = usable.findLast((key) => key.notBefore <= now) ?? usable[0];
    if (current === undefined) throw new Error('Every signing key has been retired.');
    return current;
  }

  /** The public halves, as a JWK Set (RFC 7517 section 5). */
  jwks(): { keys: JWK[] } {
    const now = this.#clock();
    return {
      keys: [...this.#byKid.values()].filter((key) => now < key.retiredAt).map((key) => key.publicJwk),
    };
  }
}

async function newKeyRow(now: number): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return {
    kid: await calculateJwkThumbprint(jwk),
    alg: 'EdDSA',
    private_jwk: JSON.stringify(jwk),
    created_at: now,
    not_before: now,
    retired_at: null,
  };
}

async function importRow(row: SigningKeyRow): Promise<SigningKey> {
  const jwk = JSON.parse(row.private_jwk) as JWK;
  const publicJwk = publicHalf(jwk, row);
  return {
    ...(await importVerificationKey(publicJwk)),
    privateKey: (await importJWK({ ...jwk, key_ops: ['sign'] }, row.alg)) as CryptoKey,
    publicJwk,
    notBefore: row.not_before,
    retiredAt: row.retired_at ?? Number.POSITIVE_INFINITY,
  };
}

/** Built by naming what is public, so that a private member can never slip out. */
function publicHalf({ kty, crv, x, y }: JWK, { kid, alg }: SigningKeyRow): JWK {
  if (kty === undefined || crv === undefined || x === undefined) {
    throw new Error(`The signing key ${kid} in the auth store is damaged.`);
  }
  return { kty, crv, x, ...(y === undefined ? {} : { y }), kid, alg, use: 'sig' };
}
