import type { Expression, ExpressionBuilder, SqlBool, Transaction } from 'kysely';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { AuthSchema, SessionEnd } from './schema.ts';

/** One session, or those of a player, of which one may stay. */
export type SessionsToEnd =
  | { readonly session: SessionId }
  | { readonly player: PlayerId; readonly except?: SessionId };

/**
 * The one way in which sessions end before their time: marked as over, and announced to every process in the same
 * transaction, so that neither can happen without the other. A session that has ended already keeps its first reason.
 */
export async function endSessions(
  transaction: Transaction<AuthSchema>,
  which: SessionsToEnd,
  { now, because }: { readonly now: number; readonly because: SessionEnd },
): Promise<void> {
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
