import { createHmac } from 'node:crypto';
import { BoundedCache } from '../process/bounded-cache.ts';
import { base64url, type PlayerId, type Pseudonym, type RandomBytes } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { KeyEncryption } from './key-encryption.ts';
import type { AuthSchema } from './schema.ts';
import { loadSecretKey } from './secret-key.ts';

const pseudonymBytes = 16;
/** Players whose pseudonym is kept in memory. */
const rememberedMost = 20_000;

/** What others see of a player. */
export interface ShownPlayer {
  readonly name: string;
  /** Plays without an account; absent for everybody else. */
  readonly guest?: true;
}

/**
 * What backends know players by: one pseudonym for each realm of backends, stable, and useless for finding out who it is or
 * for comparing two realms without the key (OpenID Connect Core section 8.1, pairwise subjects).
 */
export class Pseudonyms {
  readonly #store: Store<AuthSchema>;
  readonly #key: Buffer;
  readonly #pseudonyms = new BoundedCache<string, Pseudonym>(rememberedMost);

  private constructor(store: Store<AuthSchema>, key: Buffer) {
    this.#store = store;
    this.#key = key;
  }

  /** Reads the key, making it in a store that has none. */
  static async load(
    store: Store<AuthSchema>,
    {
      clock,
      randomBytes,
      encryption = new KeyEncryption(undefined),
    }: {
      readonly clock: () => number;
      readonly randomBytes: RandomBytes;
      readonly encryption?: KeyEncryption;
    },
  ): Promise<Pseudonyms> {
    const key = await loadSecretKey(store, {
      purpose: 'pairwise',
      clock,
      randomBytes,
      encryption,
    });
    return new Pseudonyms(store, key);
  }

  async of(player: PlayerId, realm: string): Promise<Pseudonym> {
    const asked = cacheKey(realm, player);
    const known = this.#pseudonyms.get(asked);
    if (known !== undefined) return known;
    const pseudonym = derive(this.#key, realm, player);
    // A pseudonym does not lead back by computing, so it is remembered before anybody else hears of it.
    await this.#store.db
      .insertInto('pseudonyms')
      .values({ realm, pseudonym, player })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    this.#pseudonyms.set(asked, pseudonym);
    return pseudonym;
  }

  /** Asks the store each time: who shows names often remembers them, and hears when they change. */
  async shownAs(pseudonym: Pseudonym, realm: string): Promise<ShownPlayer | undefined> {
    const row = await this.#store.db
      .selectFrom('pseudonyms')
      .innerJoin('accounts', 'accounts.player', 'pseudonyms.player')
      .leftJoin('guests', 'guests.player', 'pseudonyms.player')
      .select(['accounts.name', 'guests.player as guest'])
      .where('pseudonyms.realm', '=', realm)
      .where('pseudonyms.pseudonym', '=', pseudonym)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { name: row.name, ...(row.guest !== null && { guest: true }) };
  }
}

/** The length in front keeps (realm, player) pairs apart whatever characters a realm has. */
function derive(key: Buffer, realm: string, player: PlayerId): Pseudonym {
  const digest = createHmac('sha256', key)
    .update(`castling pseudonym 1:${Buffer.byteLength(realm)}:${realm}:${player}`)
    .digest();
  return `y_${base64url(digest.subarray(0, pseudonymBytes))}` as Pseudonym;
}

function cacheKey(realm: string, id: string): string {
  return `${id} ${realm}`;
}
