import type { CompiledQuery, Kysely } from 'kysely';

/**
 * A database that outlives the process, behind one interface for `sqlite:` and `postgres:` URLs. Query code is written
 * once, with `db`; only this folder knows which engine answers.
 */
export interface Store<Schema> {
  readonly engine: 'sqlite' | 'postgres';

  /** Typed queries, transactions included. Each statement is durable when its promise resolves. */
  readonly db: Kysely<Schema>;

  /**
   * Group commit: runs every group in one transaction with one sync, and resolves when all of it is on disk. Each group
   * stands or falls by itself: when a group meets a row that breaks a unique key, that group alone is undone and reported as a
   * conflict. Any other error undoes everything and rejects.
   *
   * With a `fence`, a query that must give a row within the same transaction, or nothing is written.
   *
   * @throws StoreError `disk_full`, `io_failed`, `busy`, `closed`, `fenced`
   */
  commit(
    groups: readonly CommitGroup[],
    options?: { readonly fence?: CompiledQuery | undefined },
  ): Promise<readonly GroupOutcome[]>;

  /**
   * Takes what was deleted out of the files, too, where it would otherwise lie until something else is written over it. False when
   * somebody was reading just then, so that it has to be done another time; nobody is kept waiting.
   */
  purge(): Promise<boolean>;

  close(): Promise<void>;
}

/** Statements that belong together, compiled once by `db` and run with fresh parameters. */
export type CommitGroup = readonly CompiledQuery[];

export type GroupOutcome = 'stored' | 'conflict';

/** One step of a schema's history. Keys sort in the order of application, such as `0001-accounts`. */
export interface Migration {
  up(db: Kysely<unknown>): Promise<void>;
}
export type Migrations = { readonly [name: string]: Migration };
