import type { Kysely } from 'kysely';

/** Terminals that wait for somebody to let them in by a browser. */
export async function createDeviceGrants(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_grants')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('user_digest', 'text', (column) => column.notNull().unique())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('player', 'text', (column) => column.references('accounts.player').onDelete('cascade'))
    .addColumn('device', 'text')
    .addColumn('user_agent', 'text')
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('network', 'text', (column) => column.notNull())
    .addColumn('interval_ms', 'integer', (column) => column.notNull())
    .addColumn('polled_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('device_grants_of_network')
    .on('device_grants')
    .columns(['network', 'created_at'])
    .execute();
  await db.schema.createIndex('device_grants_of_player').on('device_grants').column('player').execute();
}
