import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import type { Store } from '../../store/index.ts';
import { KeyEncryption } from '../key-encryption.ts';
import type { AuthSchema, SigningKeyRow } from '../schema.ts';
import { importVerificationKey, keysByKid, type VerificationKey } from './verification-key.ts';

interface SigningKey extends VerificationKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly notBefore: number;
  readonly retiredAt: number;
}

export interface SigningKeysOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
  /** Left out: keys stand in the store as they are. */
  readonly encryption?: KeyEncryption;
}

/** The keys that sign and verify access tokens, as they stand in the store. */
export class SigningKeys {
  readonly #options: SigningKeysOptions;
  #byKid: ReadonlyMap<string, SigningKey> = new Map();

  private constructor(options: SigningKeysOptions) {
    this.#options = options;
  }

  /**
   * Reads the keys, making the first one in a store that has none. Whether there is one is read inside the transaction that
   * would make it, and by presence, not by time: processes that start together, with clocks that differ, agree on one key.
   *
   * @throws OperatorError `settings_invalid` when they are encrypted and the secret is missing or another one
   */
  static async load(options: SigningKeysOptions): Promise<SigningKeys> {
    const { store, clock, encryption = plain } = options;
    const candidate = await newSigningKey({ now: clock(), notBefore: clock(), encryption });
    await store.db.transaction().execute(async (transaction) => {
      const present = await transaction
        .selectFrom('signing_keys')
        .select(['kid', 'private_jwk'])
        .where((row) => row.or([row('retired_at', 'is', null), row('retired_at', '>', clock())]))
        .execute();
      if (present.length === 0) await transaction.insertInto('signing_keys').values(candidate).execute();
      if (encryption.isOn) {
        for (const { kid, private_jwk: stored } of present) {
          if (KeyEncryption.isSealed(stored)) continue;
          await transaction
            .updateTable('signing_keys')
            .set({ private_jwk: encryption.seal(stored, kid) })
            .where('kid', '=', kid)
            .execute();
        }
      }
    });
    const keys = new SigningKeys(options);
    await keys.reload();
    return keys;
  }

  /**
   * Reads the keys anew: when a change of them was announced. Never because of a token: whatever `kid` a stranger sends costs a
   * look into a map.
   */
  async reload(): Promise<void> {
    const { store, clock, encryption = plain } = this.#options;
    const rows = await store.db
      .selectFrom('signing_keys')
      .selectAll()
      .where((row) => row.or([row('retired_at', 'is', null), row('retired_at', '>', clock())]))
      .execute();
    this.#byKid = keysByKid(await Promise.all(rows.map(async (row) => await importRow(row, encryption))));
  }

  /** The key to verify with. A key that has been retired is as unknown as one that never was. */
  readonly find = (kid: string): VerificationKey | undefined => {
    const key = this.#byKid.get(kid);
    return key !== undefined && this.#options.clock() < key.retiredAt ? key : undefined;
  };

  /** The newest key whose time has come; failing that, since clocks differ, the one whose time comes first. */
  current(): SigningKey {
    const now = this.#options.clock();
    const usable = [...this.#byKid.values()]
      .filter((key) => now < key.retiredAt)
      .toSorted((one, other) => one.notBefore - other.notBefore);
    const current = usable.findLast((key) => key.notBefore <= now) ?? usable[0];
    if (current === undefined) throw new Error('Every signing key has been retired.');
    return current;
  }

  /** The public halves, as a JWK Set (RFC 7517 section 5). */
  jwks(): { keys: JWK[] } {
    const now = this.#options.clock();
    return {
      keys: [...this.#byKid.values()].filter((key) => now < key.retiredAt).map((key) => key.publicJwk),
    };
  }
}

const plain = new KeyEncryption(undefined);

/** A fresh Ed25519 key as the store keeps it. `notBefore`: from when on it signs, Unix milliseconds. */
export async function newSigningKey({
  now,
  notBefore,
  encryption,
}: {
  readonly now: number;
  readonly notBefore: number;
  readonly encryption: KeyEncryption;
}): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    alg: 'EdDSA',
    private_jwk: encryption.seal(JSON.stringify(jwk), kid),
    created_at: now,
    not_before: notBefore,
    retired_at: null,
  };
}

async function importRow(row: SigningKeyRow, encryption: KeyEncryption): Promise<SigningKey> {
  const jwk = JSON.parse(encryption.open(row.private_jwk, row.kid)) as JWK;
  const publicJwk = publicHalf(jwk, row);
  return {
    ...(await importVerificationKey(publicJwk)),
    privateKey: (await importJWK({ ...jwk, key_ops: ['sign'] }, row.alg)) as CryptoKey,
    publicJwk,
    notBefore: Number(row.not_before),
    retiredAt: row.retired_at === null ? Number.POSITIVE_INFINITY : Number(row.retired_at),
  };
}

/** Built by naming what is public, so that a private member can never slip out. */
function publicHalf({ kty, crv, x, y }: JWK, { kid, alg }: SigningKeyRow): JWK {
  if (kty === undefined || crv === undefined || x === undefined) {
    throw new Error(`The signing key ${kid} in the auth store is damaged.`);
  }
  return { kty, crv, x, ...(y === undefined ? {} : { y }), kid, alg, use: 'sig' };
}
