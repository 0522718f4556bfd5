import type { Kysely } from 'kysely';

/** Players whom outside issuers vouch for, and the sessions of their sign-ins there. */
export async function createOutsideIssuers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('outside_identities')
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('player', 'text', (column) =>
      column.notNull().unique().references('accounts.player').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('outside_identities_key', ['issuer', 'subject'])
    .execute();
  await db.schema
    .createTable('outside_sessions')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('session', 'text', (column) =>
      column.notNull().references('sessions.session').onDelete('cascade'),
    )
    .addColumn('not_before', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('outside_sessions_of_session')
    .on('outside_sessions')
    .column('session')
    .execute();
  await db.schema
    .createTable('outside_deletions')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
}
