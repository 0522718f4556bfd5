import type { Kysely, Transaction } from 'kysely';
import type { PlayerId } from '../../protocol/ids.ts';
import type { AuthSchema } from '../schema.ts';

export async function isGuest(db: Kysely<AuthSchema>, player: PlayerId): Promise<boolean> {
  const row = await db.selectFrom('guests').select('player').where('player', '=', player).executeTakeFirst();
  return row !== undefined;
}

/** From now on the player is one like any other. False when that was so before. */
export async function unmarkGuest(transaction: Transaction<AuthSchema>, player: PlayerId): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('guests')
    .where('player', '=', player)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
