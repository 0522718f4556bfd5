import type { Kysely } from 'kysely';
import type { PlayerId } from '../protocol/ids.ts';
import type { AuthSchema } from './schema.ts';

/**
 * Whether the player has nothing to show beside the session: a guest, or somebody for whom an outside issuer vouches, who has
 * chosen no password here.
 */
export async function hasNothingToShow(db: Kysely<AuthSchema>, player: PlayerId): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .leftJoin('guests', 'guests.player', 'accounts.player')
    .leftJoin('outside_identities', 'outside_identities.player', 'accounts.player')
    .leftJoin('passkeys', 'passkeys.player', 'accounts.player')
    .select(['guests.player as guest', 'outside_identities.player as outsider'])
    .where('accounts.player', '=', player)
    .where('accounts.password_digest', '=', '')
    .where('passkeys.player', 'is', null)
    .executeTakeFirst();
  return row !== undefined && (row.guest !== null || row.outsider !== null);
}
