import type { Kysely } from 'kysely';

/**
 * What every process must hear of, in order. Numbers grow and are never given twice, also after old rows have gone; a reader
 * asks for what is beyond the last one that it saw. That is complete because SQLite has one writer at a time, so that
 * numbers become visible in their order; an engine with several writers at once has to take a lock around the insert.
 */
export async function createChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('changes')
    .addColumn('number', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('changes_by_time').on('changes').column('at').execute();
}
