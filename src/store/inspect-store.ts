import { lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { storeErrorFrom } from './sqlite-errors.ts';
import { StoreError } from './store-error.ts';

/** A database as it lies there. */
export type StoreInspection =
  /** Nothing there yet: the first start makes it. */
  | { readonly state: 'absent'; readonly path: string }
  | { readonly state: 'unusable'; readonly path: string; readonly fault: StoreError }
  | {
      readonly state: 'opened';
      readonly path: string;
      /** What `pragma integrity_check` complains of; empty when all is well. */
      readonly damage: readonly string[];
      /** Of the file: `wal` once Castling has opened it. */
      readonly journal: string;
      /** Whether this SQLite takes `synchronous = full`, which Castling sets on each connection and insists on. */
      readonly syncsEachCommit: boolean;
      /** Bytes of the database and of its write-ahead log. */
      readonly bytes: number;
      readonly logBytes: number;
      /** Files of the database that other accounts may read or write, with their modes. */
      readonly exposed: readonly { readonly path: string; readonly mode: number }[];
    };

export interface StoreInspectionOptions {
  /** `full` reads every page and every index, `quick` leaves out whether indexes agree with their tables. */
  readonly depth: 'full' | 'quick';
}

/** Complaints beyond these say nothing new. */
const mostComplaints = 20;

/**
 * Looks at the database of a `sqlite:` URL, also while Castling uses it. The connection is read-only; SQLite may leave the two
 * companions of the file (`-wal`, `-shm`) beside it, with its owner and mode.
 *
 * @throws StoreError `engine_unsupported` for what is no SQLite file
 */
export function inspectStore(url: string, { depth }: StoreInspectionOptions): StoreInspection {
  const path = pathOf(url);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { state: 'absent', path };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5_000, defensive: true });
    const pragma = (text: string) => database?.prepare(`pragma ${text}`).all() ?? [];
    const check = depth === 'full' ? 'integrity_check' : 'quick_check';
    const complaints = pragma(`${check}(${mostComplaints})`).map((row) => String(Object.values(row)[0]));
    database.exec('pragma synchronous = full');
    return {
      state: 'opened',
      path,
      damage: complaints.filter((line) => line !== 'ok'),
      journal: String(pragma('journal_mode')[0]?.journal_mode),
      syncsEachCommit: pragma('synchronous')[0]?.synchronous === 2,
      bytes: found.size,
      logBytes: sizeOf(`${path}-wal`),
      exposed: ['', '-wal', '-shm'].flatMap((ending) => exposedAt(`${path}${ending}`)),
    };
  } catch (error) {
    const fault = storeErrorFrom(error, { opening: path });
    if (!(fault instanceof StoreError)) throw error;
    return { state: 'unusable', path, fault };
  } finally {
    database?.close();
  }
}

/** @throws StoreError `engine_unsupported` */
function pathOf(url: string): string {
  if (!url.startsWith('sqlite:') || url === 'sqlite::memory:') {
    throw new StoreError('engine_unsupported', 'Only databases in a SQLite file can be looked at.');
  }
  return url.slice('sqlite:'.length);
}

function sizeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function exposedAt(path: string): { path: string; mode: number }[] {
  if (process.platform === 'win32') return [];
  const found = lstatSync(path, { throwIfNoEntry: false });
  const mode = (found?.mode ?? 0) & 0o777;
  return (mode & 0o077) === 0 ? [] : [{ path, mode }];
}
