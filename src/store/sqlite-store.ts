import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import { migrate } from './migrate.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { isBusy, isUniqueViolation, storeErrorFrom } from './sqlite-errors.ts';
import type { CommitGroup, GroupOutcome, Migrations, Store } from './store.ts';
import { StoreError } from './store-error.ts';

/** How long a statement waits for another process's write to end before it fails as `busy`, in milliseconds. */
const busyTimeoutMs = 5_000;
/** The same for cutting the log, which can be done another time: the whole process waits. */
const purgeTimeoutMs = 50;

/**
 * Opens a SQLite file: write-ahead log, a sync before every commit returns, foreign keys on, deleted rows overwritten. The file and its
 * companions are readable by their owner alone.
 */
export async function openSqliteStore<Schema>({
  path,
  migrations,
}: {
  readonly path: string;
  readonly migrations: Migrations;
}): Promise<Store<Schema>> {
  const inMemory = path === ':memory:';
  const database = open(path, inMemory);
  try {
    if (!inMemory) await assertDurable(database, path);
    // Overwrites what is deleted: the pages that held it are written anyway.
    database.exec('pragma secure_delete = on');
    const connection = new SqliteConnection(database);
    const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) });
    await migrate({ db: db as Kysely<unknown>, migrations, where: path });
    return new SqliteStore(db, connection);
  } catch (error) {
    database.close();
    throw error;
  }
}

class SqliteStore<Schema> implements Store<Schema> {
  readonly engine = 'sqlite';
  readonly db: Kysely<Schema>;
  readonly #connection: SqliteConnection;
  #closed = false;

  constructor(db: Kysely<Schema>, connection: SqliteConnection) {
    this.db = db;
    this.#connection = connection;
  }

  async commit(
    groups: readonly CommitGroup[],
    { fence }: { readonly fence?: CompiledQuery | undefined } = {},
  ): Promise<readonly GroupOutcome[]> {
    if (this.#closed) throw new StoreError('closed', 'The database is closed.');
    if (groups.length === 0) return [];
    // Kysely lends its one connection, so that no transaction of its own can be half-way here.
    return await this.db.connection().execute(async () => this.#commitNow(groups, fence));
  }

  /** Deleted rows are zeroed in the pages that held them; the log still has the pages as they were, until it is cut. */
  async purge(): Promise<boolean> {
    if (this.#closed) throw new StoreError('closed', 'The database is closed.');
    return await this.db.connection().execute(async () => {
      this.#connection.execute(`pragma busy_timeout = ${purgeTimeoutMs}`);
      try {
        const [outcome] = this.#connection.prepare('pragma wal_checkpoint(truncate)').all([]);
        return (outcome as { readonly busy: number }).busy === 0;
      } finally {
        this.#connection.execute(`pragma busy_timeout = ${busyTimeoutMs}`);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.db.destroy();
  }

  #commitNow(groups: readonly CommitGroup[], fence: CompiledQuery | undefined): GroupOutcome[] {
    const connection = this.#connection;
    connection.execute('begin immediate');
    try {
      if (fence && connection.prepare(fence.sql).all(fence.parameters).length === 0) {
        throw new StoreError('fenced', 'Another process has taken over; nothing was written.');
      }
      const outcomes = groups.map((group) => this.#runGroup(group));
      connection.execute('commit');
      return outcomes;
    } catch (error) {
      connection.execute('rollback');
      throw error;
    }
  }

  /** A single statement is atomic by itself; only several need a savepoint to fall back to. */
  #runGroup(group: CommitGroup): GroupOutcome {
    const connection = this.#connection;
    const needsSavepoint = group.length > 1;
    if (needsSavepoint) connection.execute('savepoint one_group');
    try {
      for (const { sql, parameters } of group) connection.prepare(sql).run(parameters);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      if (needsSavepoint) {
        connection.execute('rollback to one_group');
        connection.execute('release one_group');
      }
      return 'conflict';
    }
    if (needsSavepoint) connection.execute('release one_group');
    return 'stored';
  }
}

function open(path: string, inMemory: boolean): DatabaseSync {
  try {
    if (!inMemory) createPrivately(path);
    return new DatabaseSync(path, { timeout: busyTimeoutMs, defensive: true });
  } catch (error) {
    throw storeErrorFrom(error, { opening: path });
  }
}

/** SQLite gives its `-wal` and `-shm` files the mode of the main one, so making that one 0600 is enough. */
function createPrivately(path: string): void {
  if (!existsSync(dirname(path))) {
    throw new StoreError(
      'cannot_open',
      `The folder of the database ${path} does not exist; create it first.`,
    );
  }
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new StoreError(
      'unsafe_settings',
      `The database ${path} can be read by other users; run: chmod 600 ${path}`,
    );
  }
}

/** Durability rests on these two settings, so a database that will not take them is not used. */
async function assertDurable(database: DatabaseSync, path: string): Promise<void> {
  try {
    const journal = await turnOnWriteAheadLog(database);
    database.exec('pragma synchronous = full');
    const synchronous = database.prepare('pragma synchronous').get()?.synchronous;
    if (journal !== 'wal' || synchronous !== 2) {
      throw new StoreError(
        'unsafe_settings',
        `The database ${path} refuses write-ahead logging with a sync at each commit (journal_mode ${String(journal)}, ` +
          `synchronous ${String(synchronous)}); put the data folder on a local file system.`,
      );
    }
  } catch (error) {
    throw storeErrorFrom(error, { opening: path });
  }
}

/**
 * Two processes that open a new database together may meet here, and SQLite asks no busy handler while it changes
 * the journal: one of them is told at once that the database is locked. It tries again, for as long as a write would.
 */
async function turnOnWriteAheadLog(database: DatabaseSync): Promise<unknown> {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return database.prepare('pragma journal_mode = wal').get()?.journal_mode;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
      await setTimeout(20);
    }
  }
}
