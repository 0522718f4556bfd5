import type { Transaction } from 'kysely';
import type { PlayerId } from '../protocol/ids.ts';
import type { AuthSchema } from './schema.ts';

/** Tells every process, in the transaction of the change, that others see this player differently from now on. */
export async function announcePlayerChange(
  transaction: Transaction<AuthSchema>,
  { player, now }: { readonly player: PlayerId; readonly now: number },
): Promise<void> {
  await transaction
    .insertInto('changes')
    .values({ kind: 'player_changed', subject: player, detail: '', at: now })
    .execute();
}
