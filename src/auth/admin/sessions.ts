import type { Command } from 'commander';
import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { parseId } from '../../protocol/ids.ts';
import { type AdminContext, type AdminOptions, adminAction, moment } from './admin-command.ts';

/** `castling admin sessions …` */
export function registerSessions(admin: Command): void {
  const sessions = admin.command('sessions').description('list and revoke sign-ins');
  adminAction(
    sessions
      .command('list')
      .argument('<name>')
      .description('list the sessions of an account, the last used first'),
    listSessions,
  );
  adminAction(
    sessions
      .command('revoke')
      .argument('<session or name>')
      .description('end one session, or all of an account'),
    revoke,
  );
}

async function listSessions(
  context: AdminContext,
  _: AdminOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { player } = await context.account(name);
  const rows = await context.store.db
    .selectFrom('sessions')
    .selectAll()
    .where('player', '=', player)
    .orderBy('last_seen_at', 'desc')
    .execute();
  context.list(
    rows.map((row) => ({
      session: row.session,
      device: row.device,
      created: moment(row.created_at),
      used: moment(row.last_seen_at),
      ended: row.ended_at === null ? null : moment(row.ended_at),
      because: row.ended_because,
    })),
  );
}

async function revoke(
  context: AdminContext,
  _: AdminOptions,
  [which = '']: readonly string[],
): Promise<void> {
  const session = parseId('session', which);
  if (session === undefined) {
    const { player, name } = await context.account(which);
    await context.moderation.revoke({ player });
    context.say(`Every session of ${name} has ended.`, { revoked: player });
    return;
  }
  const row = await context.store.db
    .selectFrom('sessions')
    .select('session')
    .where('session', '=', session)
    .executeTakeFirst();
  if (row === undefined) throw new OperatorError('usage', `There is no session ${printable(which)}.`);
  await context.moderation.revoke({ session });
  context.say(`Session ${session} has ended.`, { revoked: session });
}
