import type { Kysely } from 'kysely';

export async function createPasskeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passkeys')
    .addColumn('passkey', 'text', (column) => column.primaryKey())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('credential', 'text', (column) => column.notNull().unique())
    .addColumn('rp_id', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('synced', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('suspected_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('passkeys_of_player')
    .on('passkeys')
    .columns(['player', 'created_at'])
    .execute();
  await db.schema
    .createTable('passkey_challenges')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('player', 'text', (column) => column.references('accounts.player').onDelete('cascade'))
    .addColumn('named', 'integer', (column) => column.notNull())
    .addColumn('rp_id', 'text', (column) => column.notNull())
    .addColumn('network', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('passkey_challenges_of_network')
    .on('passkey_challenges')
    .columns(['network', 'created_at'])
    .execute();
  await db.schema
    .createIndex('passkey_challenges_by_time')
    .on('passkey_challenges')
    .column('created_at')
    .execute();
}
