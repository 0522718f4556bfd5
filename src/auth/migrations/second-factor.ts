import type { Kysely } from 'kysely';

/** Codes of an authenticator app, and sign-ins that wait for one. */
export async function createSecondFactor(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('totp_secrets')
    .addColumn('player', 'text', (column) =>
      column.primaryKey().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint')
    .addColumn('last_step', 'bigint')
    .execute();
  await db.schema
    .createTable('sign_in_tickets')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('player', 'text', (column) =>
      column.notNull().references('accounts.player').onDelete('cascade'),
    )
    .addColumn('tries_left', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('sign_in_tickets_of_player')
    .on('sign_in_tickets')
    .columns(['player', 'created_at'])
    .execute();
}
