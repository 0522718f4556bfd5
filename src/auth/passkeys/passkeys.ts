import type { Kysely } from 'kysely';
import type { PlayerId } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { AuthError } from '../auth-error.ts';
import type { AuthSchema, PasskeyRow } from '../schema.ts';

/** Of one player. Also the length of every list of them that a stranger gets to see. */
export const passkeysMost = 10;

/** What a player sees of a passkey. Times in Unix milliseconds. */
export interface ListedPasskey {
  readonly passkey: string;
  readonly name: string;
  /** The domain whose pages can use it. */
  readonly domain: string;
  /** Whether it is copied to the player's other devices. */
  readonly synced: boolean;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** When it was refused because its counter had not grown: somebody may have copied it. */
  readonly suspectedAt: number | null;
}

export interface PasskeysOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
}

/**
 * The passkeys (WebAuthn) of players: keys on their own devices, which sign in without anything that could be typed into a wrong
 * page. Each is two factors by itself, since its device asks for a finger, a face or a PIN; that is required here.
 */
export class Passkeys {
  readonly #options: PasskeysOptions;

  constructor(options: PasskeysOptions) {
    this.#options = options;
  }

  /** @throws AuthError `passkey_unknown` */
  async rename(player: PlayerId, passkey: string, name: string): Promise<void> {
    const { numUpdatedRows } = await this.#options.store.db
      .updateTable('passkeys')
      .set({ name })
      .where('passkey', '=', passkey)
      .where('player', '=', player)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new AuthError('passkey_unknown');
  }

  /** @throws AuthError `passkey_unknown`; `last_way_in` when nothing else would open the account */
  async remove(player: PlayerId, passkey: string): Promise<void> {
    const { store, clock } = this.#options;
    await store.db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('passkeys')
        .where('passkey', '=', passkey)
        .where('player', '=', player)
        .executeTakeFirst();
      if (numDeletedRows !== 1n) throw new AuthError('passkey_unknown');
      const left = await transaction
        .selectFrom('accounts')
        .leftJoin('passkeys', 'passkeys.player', 'accounts.player')
        .select(['accounts.password_digest', 'passkeys.passkey'])
        .where('accounts.player', '=', player)
        .executeTakeFirst();
      if (left?.password_digest === '' && left.passkey === null) throw new AuthError('last_way_in');
      const entry = { at: clock(), actor: 'player', subject: player, detail: passkey };
      await audit(transaction, { ...entry, action: 'passkey.remove' });
    });
  }
}

/** The oldest first. */
export async function passkeysOf(db: Kysely<AuthSchema>, player: PlayerId): Promise<ListedPasskey[]> {
  const rows = await db
    .selectFrom('passkeys')
    .selectAll()
    .where('player', '=', player)
    .orderBy('created_at')
    .orderBy('passkey')
    .execute();
  return rows.map(listed);
}

/** Takes all passkeys of a player away; gives how many there were. */
export async function removePasskeys(transaction: Kysely<AuthSchema>, player: PlayerId): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('passkeys')
    .where('player', '=', player)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The credential ids of a player for one relying party. */
export async function credentialsOf(
  db: Kysely<AuthSchema>,
  { player, rpId }: { readonly player: PlayerId; readonly rpId: string },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('passkeys')
    .select('credential')
    .where('player', '=', player)
    .where('rp_id', '=', rpId)
    .execute();
  return rows.map(({ credential }) => credential);
}

/** What an authenticator keeps of the account (WebAuthn section 14.6.1): the player's id, which is random and names nobody. */
export function userHandle(player: PlayerId): string {
  return Buffer.from(player).toString('base64url');
}

export function listed(row: PasskeyRow): ListedPasskey {
  return {
    passkey: row.passkey,
    name: row.name,
    domain: row.rp_id,
    synced: row.synced === 1,
    createdAt: Number(row.created_at),
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
    suspectedAt: row.suspected_at === null ? null : Number(row.suspected_at),
  };
}
