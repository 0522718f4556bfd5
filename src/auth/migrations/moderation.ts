import type { Kysely } from 'kysely';

/** Bans that end, and who did what to whom. Rows of `audit_log` are only ever added. */
export async function createModeration(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('accounts').addColumn('disabled_until', 'bigint').execute();
  await db.schema.alterTable('accounts').addColumn('disabled_reason', 'text').execute();
  await db.schema
    .createTable('audit_log')
    .addColumn('number', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    // No foreign key: what was done to an account is known longer than the account.
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('audit_log_of_subject')
    .on('audit_log')
    .columns(['subject', 'number'])
    .execute();
}
