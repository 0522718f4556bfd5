import { chmodSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Fields } from '../fields.ts';
import {
  type CacheAddress,
  type CacheBounds,
  type CacheStore,
  type Selection,
  type StoredHead,
  type StoredResponse,
  selectionsMost,
} from './stored-response.ts';

/** Raised when what is written changes its meaning: a file of another version is emptied, since a cache may forget. */
const version = 1;
/** Milliseconds: how long a use may go unnoticed, so that a hit does not cost a write each time. */
const usedNoticeMs = 60_000;
/** What is left after answers had to go, so that the next one does not at once make others go. */
const roomShare = 0.9;
/** Answers that go in one statement. */
const goneAtOnce = 8;
/** Milliseconds for which another process's write is waited for; then this one does without its cache. */
const patienceMs = 50;
const setUpAttempts = 40;

const schema = `
  CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    route TEXT NOT NULL, target TEXT NOT NULL,
    owner TEXT NOT NULL, names TEXT NOT NULL, digest TEXT NOT NULL,
    status INTEGER NOT NULL, fields TEXT NOT NULL, requested_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL,
    UNIQUE (route, target, owner, names, digest)
  ) STRICT;
  CREATE INDEX answers_by_use ON answers (used_at);
  CREATE TABLE total (only INTEGER PRIMARY KEY CHECK (only = 1), answers INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO total VALUES (1, 0, 0);
  CREATE TRIGGER counted AFTER INSERT ON answers BEGIN
    UPDATE total SET answers = answers + 1, bytes = bytes + new.bytes;
  END;
  CREATE TRIGGER discounted AFTER DELETE ON answers BEGIN
    UPDATE total SET answers = answers - 1, bytes = bytes - old.bytes;
  END;
`;

interface Row {
  readonly id: number;
  readonly owner: string;
  readonly names: string;
  readonly digest: string;
  readonly status: number;
  readonly fields: string;
  readonly requested_at: number;
  readonly received_at: number;
  readonly used_at: number;
  readonly length: number;
}

export interface SqliteStoreOptions {
  readonly path: string;
  readonly bounds: CacheBounds;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Told when the file cannot be used for a moment; the request goes on without it. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Keeps answers in a file that several processes share and that outlives them. Nothing in it is needed: synchronisation is
 * off for it, a damaged row is a miss, and a busy file is one, too.
 */
export class SqliteStore implements CacheStore {
  readonly #database: DatabaseSync;
  readonly #bounds: CacheBounds;
  readonly #now: () => number;
  readonly #onFailure: (error: unknown) => void;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws Error of SQLite for a file that is none of its own or cannot be written */
  constructor({ path, bounds, now = Date.now, onFailure = () => {} }: SqliteStoreOptions) {
    this.#bounds = bounds;
    this.#now = now;
    this.#onFailure = onFailure;
    this.#database = new DatabaseSync(path, { timeout: patienceMs, defensive: true });
    if (path !== ':memory:') chmodSync(path, 0o600);
    this.#setUp();
  }

  get size(): { readonly responses: number; readonly bytes: number } {
    const row = this.#try(() => this.#get('SELECT answers, bytes FROM total')) as
      | { answers: number; bytes: number }
      | undefined;
    return { responses: row?.answers ?? 0, bytes: row?.bytes ?? 0 };
  }

  list({ route, target }: CacheAddress): readonly StoredResponse[] {
    const rows = this.#try(() =>
      this.#prepared(`SELECT id, owner, names, digest, status, fields, requested_at, received_at,
          used_at, length(body) AS length FROM answers WHERE route = ? AND target = ?`).all(route, target),
    ) as Row[] | undefined;
    return (rows ?? []).map((row) => this.#response(row));
  }

  put({ route, target }: CacheAddress, head: StoredHead, body: Buffer): void {
    const { status, fields, requestedAt, receivedAt, selection } = head;
    const fieldsText = JSON.stringify(fields);
    const bytes = body.length + fieldsText.length + target.length;
    if (body.length > this.#bounds.bodyBytes || bytes > this.#bounds.bytes) return;
    this.#try(() =>
      this.#atOnce(() => {
        this.delete({ route, target }, selection);
        this.#run(
          `DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE route = ? AND target = ?
             ORDER BY received_at DESC LIMIT -1 OFFSET ?)`,
          [route, target, selectionsMost - 1],
        );
        this.#run(
          `INSERT INTO answers (route, target, owner, names, digest, status, fields, requested_at,
             received_at, used_at, bytes, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            ...[route, target, selection.owner, JSON.stringify(selection.names)],
            ...[selection.digest, status, fieldsText, requestedAt, receivedAt, this.#now(), bytes, body],
          ],
        );
        this.#makeRoom();
      }),
    );
  }

  update(address: CacheAddress, head: StoredHead): void {
    const { owner, names, digest } = head.selection;
    this.#try(() =>
      this.#run(
        `UPDATE answers SET status = ?, fields = ?, requested_at = ?, received_at = ?
         WHERE route = ? AND target = ? AND owner = ? AND names = ? AND digest = ?`,
        [
          ...[head.status, JSON.stringify(head.fields), head.requestedAt, head.receivedAt],
          ...[address.route, address.target, owner, JSON.stringify(names), digest],
        ],
      ),
    );
  }

  delete({ route, target }: CacheAddress, selection?: Selection): void {
    this.#try(() => {
      if (selection === undefined) {
        this.#run('DELETE FROM answers WHERE route = ? AND target = ?', [route, target]);
        return;
      }
      const { owner, names, digest } = selection;
      this.#run(
        `DELETE FROM answers WHERE route = ? AND target = ? AND owner = ? AND names = ? AND digest = ?`,
        [route, target, owner, JSON.stringify(names), digest],
      );
    });
  }

  purge(route: string, prefix: string): number {
    const gone = this.#try(
      () =>
        this.#prepared('DELETE FROM answers WHERE route = ? AND substr(target, 1, length(?)) = ?').run(
          route,
          prefix,
          prefix,
        ).changes,
    );
    return Number(gone ?? 0);
  }

  close(): void {
    this.#database.close();
  }

  #response(row: Row): StoredResponse {
    const { id, owner, names, digest, status, requested_at, received_at } = row;
    return {
      head: {
        status,
        fields: JSON.parse(row.fields) as Fields,
        requestedAt: requested_at,
        receivedAt: received_at,
        selection: { owner, names: JSON.parse(names) as string[], digest },
      },
      bodyBytes: row.length,
      body: () => {
        const found = this.#try(() => this.#get('SELECT body FROM answers WHERE id = ?', id)) as
          | { body: Uint8Array }
          | undefined;
        if (found === undefined) return undefined;
        this.#used(row);
        const { buffer, byteOffset, byteLength } = found.body;
        return Buffer.from(buffer, byteOffset, byteLength);
      },
    };
  }

  #used({ id, used_at: before }: Row): void {
    const now = this.#now();
    if (now - before < usedNoticeMs) return;
    this.#try(() => this.#run('UPDATE answers SET used_at = ? WHERE id = ?', [now, id]));
  }

  #makeRoom(): void {
    if (this.size.bytes <= this.#bounds.bytes) return;
    while (this.size.bytes > this.#bounds.bytes * roomShare) {
      this.#run('DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY used_at LIMIT ?)', [
        goneAtOnce,
      ]);
    }
  }

  /** Workers open the file in the same moment, and SQLite waits for nobody who changes the journal. */
  #setUp(): void {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#database.exec(
          'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;',
        );
        this.#makeTables();
        return;
      } catch (error) {
        if (attempt === setUpAttempts || !isBusy(error)) {
          this.#database.close();
          throw error;
        }
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, patienceMs);
      }
    }
  }

  #makeTables(): void {
    this.#atOnce(() => {
      const { user_version: found } = this.#get('PRAGMA user_version') as { user_version: number };
      if (found === version) return;
      this.#database.exec('DROP TABLE IF EXISTS answers; DROP TABLE IF EXISTS total;');
      this.#database.exec(schema);
      this.#database.exec(`PRAGMA user_version = ${version}`);
    });
  }

  #atOnce(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #try<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }

  #run(sql: string, values: readonly (string | number | Uint8Array)[] = []): void {
    this.#prepared(sql).run(...values);
  }

  #get(sql: string, ...values: readonly (string | number)[]): unknown {
    return this.#prepared(sql).get(...values);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** SQLITE_BUSY and SQLITE_LOCKED, whatever else the code says (https://sqlite.org/rescode.html). */
function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 5 || code === 6;
}
