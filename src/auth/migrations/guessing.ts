import type { Kysely } from 'kysely';

/** Counters of wrong tries, and the devices on which an owner gets in although a stranger is guessing. */
export async function createGuessing(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('guess_counters')
    .addColumn('lane', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('level', 'real', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('guess_counters_by_time')
    .on('guess_counters')
    .columns(['kind', 'updated_at'])
    .execute();
  await db.schema
    .createTable('known_devices')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('known_devices_of_player')
    .on('known_devices')
    .columns(['player', 'last_used_at'])
    .execute();
}
