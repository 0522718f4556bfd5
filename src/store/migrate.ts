import type { Kysely } from 'kysely';
import type { Migrations } from './store.ts';
import { StoreError } from './store-error.ts';

/** One row for each migration that this database has seen. */
interface Schema {
  castling_schema: { name: string; applied_at: number };
}

/**
 * Applies the migrations that the database has not seen, all in one transaction that begins with the write lock.
 * Several processes may do this at once: the first does the work, the others wait for the lock and find it done.
 * (Kysely's own migrator runs without a transaction on SQLite, so that two first starts would collide.)
 *
 * @throws StoreError `schema_newer` when the database was written by a later version of the program
 */
export async function migrate({
  db,
  migrations,
  where,
}: {
  readonly db: Kysely<unknown>;
  readonly migrations: Migrations;
  readonly where: string;
}): Promise<void> {
  await (db as Kysely<Schema>).transaction().execute(async (transaction) => {
    await transaction.schema
      .createTable('castling_schema')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('applied_at', 'bigint', (column) => column.notNull())
      .execute();
    const rows = await transaction.selectFrom('castling_schema').select('name').execute();
    const applied = new Set(rows.map((row) => row.name));
    refuseNewer(applied, migrations, where);
    for (const name of Object.keys(migrations).sort()) {
      if (applied.has(name)) continue;
      await migrations[name]?.up(transaction as unknown as Kysely<unknown>);
      await transaction.insertInto('castling_schema').values({ name, applied_at: Date.now() }).execute();
    }
  });
}

function refuseNewer(applied: ReadonlySet<string>, migrations: Migrations, where: string): void {
  const unknown = [...applied].filter((name) => !(name in migrations));
  if (unknown.length === 0) return;
  throw new StoreError(
    'schema_newer',
    `The database ${where} was written by a newer version of Castling (${unknown.join(', ')}); run that version, ` +
      'or restore a backup.',
  );
}
