import type { Transaction } from 'kysely';
import type { SessionId } from '../protocol/ids.ts';
import type { AuthSchema, SessionEnd } from './schema.ts';

/** Ends a session unless it has ended already: the first reason is the one that stays. */
export async function endSession(
  transaction: Transaction<AuthSchema>,
  {
    session,
    now,
    because,
  }: { readonly session: SessionId; readonly now: number; readonly because: SessionEnd },
): Promise<void> {
  await transaction
    .updateTable('sessions')
    .set({ ended_at: now, ended_because: because })
    .where('session', '=', session)
    .where('ended_at', 'is', null)
    .execute();
}
