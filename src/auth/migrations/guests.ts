import type { Kysely } from 'kysely';

/** The mark of players who have not chosen a password, and the networks that they came from, for limits. */
export async function createGuests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('guests')
    .addColumn('player', 'text', (column) =>
      column.primaryKey().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('wide', 'text')
    .execute();
  await db.schema.createIndex('guests_of_site').on('guests').columns(['site', 'made_at']).execute();
  await db.schema.createIndex('guests_of_wide').on('guests').columns(['wide', 'made_at']).execute();
  await db.schema.createIndex('guests_by_time').on('guests').column('made_at').execute();
}
