import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { PlayerId } from '../../protocol/ids.ts';
import type { AuthSchema } from '../schema.ts';

/** Milliseconds for which a deletion is remembered: a day more than the longest life that a token of an outside issuer may have. */
const rememberedMs = 8 * 86_400_000;

interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Notes, in the transaction that deletes an account, whom its player was for an outside issuer: not by name, and not for long. */
export async function noteDeletion(
  transaction: Transaction<AuthSchema>,
  { player, now }: { readonly player: PlayerId; readonly now: number },
): Promise<void> {
  const identity = await transaction
    .selectFrom('outside_identities')
    .select(['issuer', 'subject'])
    .where('player', '=', player)
    .executeTakeFirst();
  if (identity === undefined) return;
  await transaction
    .insertInto('outside_deletions')
    .values({ digest: digestOf(identity), at: now })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet({ at: now }))
    .execute();
}

/** When an account of this identity was deleted, Unix milliseconds. */
export async function deletionOf(db: Kysely<AuthSchema>, identity: Identity): Promise<number | undefined> {
  const row = await db
    .selectFrom('outside_deletions')
    .select('at')
    .where('digest', '=', digestOf(identity))
    .executeTakeFirst();
  return row === undefined ? undefined : Number(row.at);
}

export async function forgetDeletions(db: Kysely<AuthSchema>, now: number): Promise<void> {
  await db
    .deleteFrom('outside_deletions')
    .where('at', '<', now - rememberedMs)
    .execute();
}

function digestOf({ issuer, subject }: Identity): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url');
}
