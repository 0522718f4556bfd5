import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { storeErrorFrom } from './sqlite-errors.ts';

/** Prepared statements kept; beyond it the one unused for longest is dropped. */
const preparedMost = 256;

/** What Kysely's SQLite dialect asks of a database, on top of `node:sqlite`, with prepared statements kept. */
export class SqliteConnection implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, SqliteStatement>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  prepare(sql: string): SqliteStatement {
    // After some errors, a full disk among them, SQLite has rolled back by itself; a second rollback would hide the first error.
    if (sql === 'rollback' && !this.inTransaction) return nothing;
    // A deferred transaction that reads and then writes fails at once when another process wrote in between.
    const text = sql === 'begin' ? 'begin immediate' : sql;
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = attempt(() => new PreparedStatement(this.#database.prepare(text)));
      if (this.#prepared.size >= preparedMost) {
        for (const oldest of this.#prepared.keys()) {
          this.#prepared.delete(oldest);
          break;
        }
      }
    } else {
      this.#prepared.delete(text);
    }
    this.#prepared.set(text, statement);
    return statement;
  }

  execute(sql: string): void {
    this.prepare(sql).run([]);
  }

  close(): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }
}

const nothing: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

class PreparedStatement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return attempt(() => this.#statement.all(...(parameters as SQLInputValue[])));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return attempt(() => this.#statement.run(...(parameters as SQLInputValue[])));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as SQLInputValue[]));
  }
}

function attempt<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw storeErrorFrom(error);
  }
}
