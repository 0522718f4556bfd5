import type { Kysely } from 'kysely';

/** Where a session was last heard of, so that its player can tell a device of theirs from a stranger's. */
export async function addSessionAddress(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('address', 'text').execute();
}
