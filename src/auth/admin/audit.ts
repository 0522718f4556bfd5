import type { Command } from 'commander';
import { type AdminContext, type AdminOptions, adminAction, moment, parseCount } from './admin-command.ts';

interface AuditOptions extends AdminOptions {
  readonly limit: number;
}

/** `castling admin audit` */
export function registerAudit(admin: Command): void {
  adminAction<AuditOptions>(
    admin
      .command('audit')
      .description('show who did what to accounts and keys, the last first')
      .option('--limit <number>', 'how many', parseCount, 50),
    showAudit,
  );
}

async function showAudit({ store, list }: AdminContext, { limit }: AuditOptions): Promise<void> {
  const rows = await store.db
    .selectFrom('audit_log')
    .leftJoin('accounts', (join) => join.onRef('accounts.player', '=', 'audit_log.subject'))
    .select(['number', 'at', 'actor', 'action', 'subject', 'detail', 'accounts.name'])
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  list(
    rows.map(({ number, at, actor, action, subject, name, detail }) => ({
      number,
      at: moment(at),
      actor,
      action,
      subject: name ?? subject,
      detail,
    })),
  );
}
