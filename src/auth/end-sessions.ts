import type { Expression, ExpressionBuilder, SqlBool, Transaction } from 'kysely';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { AuthSchema, SessionEnd } from './schema.ts';

/** One session, or those of a player, of which one may stay. */
export type SessionsToEnd =
  | { readonly session: SessionId }
  | { readonly player: PlayerId; readonly except?: SessionId };

/**
 * The one way in which sessions end before their time: marked as over, and announced to every process in the same
 * transaction, so that neither can happen without the other. A session that has ended already keeps its first reason. When all
 * of a player's end, sign-ins that are half done go with them: else one could begin from what was meant to be over.
 */
export async function endSessions(
  transaction: Transaction<AuthSchema>,
  which: SessionsToEnd,
  { now, because }: { readonly now: number; readonly because: SessionEnd },
): Promise<void> {
  if ('player' in which) {
    for (const table of ['sign_in_tickets', 'device_grants'] as const) {
      await transaction.deleteFrom(table).where('player', '=', which.player).execute();
    }
  }
  const ending = (sessions: ExpressionBuilder<AuthSchema, 'sessions'>): Expression<SqlBool> =>
    sessions.and([
      sessions('ended_at', 'is', null),
      ...('session' in which
        ? [sessions('session', '=', which.session)]
        : [
            sessions('player', '=', which.player),
            ...(which.except === undefined ? [] : [sessions('session', '!=', which.except)]),
          ]),
    ]);
  await transaction
    .insertInto('changes')
    .columns(['kind', 'subject', 'detail', 'at'])
    .expression(
      transaction
        .selectFrom('sessions')
        .select(({ val, ref }) => [
          val('session_ended').as('kind'),
          ref('session').as('subject'),
          val(because).as('detail'),
          val(now).as('at'),
        ])
        .where(ending),
    )
    .execute();
  await transaction
    .updateTable('sessions')
    .set({ ended_at: now, ended_because: because })
    .where(ending)
    .execute();
}
