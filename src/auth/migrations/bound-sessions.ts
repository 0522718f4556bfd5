import type { Kysely } from 'kysely';

/** Sessions whose tokens are bound to a key of the client, and the proofs of it that have been used. */
export async function createBoundSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('key_thumbprint', 'text').execute();
  await db.schema
    .createTable('spent_proofs')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('thumbprint', 'text', (column) => column.notNull())
    .addColumn('good_until', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('spent_proofs_of_key')
    .on('spent_proofs')
    .columns(['thumbprint', 'good_until'])
    .execute();
  await db.schema.createIndex('spent_proofs_by_time').on('spent_proofs').column('good_until').execute();
}
