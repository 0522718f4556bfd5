import type { Kysely } from 'kysely';

export async function createRecovery(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recovery_codes')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema.createIndex('recovery_codes_of_player').on('recovery_codes').column('player').execute();
}
