import type { Kysely } from 'kysely';

/** The answer to the first use of a refresh token, sealed with that token, for a client that did not get it. */
export async function createRefreshGrace(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('refresh_tokens').addColumn('sealed_next', 'text').execute();
}
