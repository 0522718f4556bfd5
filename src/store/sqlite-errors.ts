import { StoreError, type StoreErrorCode } from './store-error.ts';

/** Primary result codes, and the extended ones of broken unique keys: https://sqlite.org/rescode.html */
const primary: { readonly [code: number]: readonly [StoreErrorCode, string] } = {
  5: ['busy', 'The database stayed locked by another process.'],
  6: ['busy', 'A table of the database stayed locked.'],
  8: ['cannot_open', 'The database is read-only; check the permissions of the data folder.'],
  10: ['io_failed', 'The disk under the database failed to read or write.'],
  11: ['corrupt', 'The database file is damaged; restore it from a backup.'],
  13: ['disk_full', 'The disk under the database is full; free some space.'],
  14: ['cannot_open', 'The database cannot be opened; check that the data folder exists and is yours.'],
  26: ['corrupt', 'The file is not a SQLite database.'],
};
const uniqueViolations: readonly number[] = [1555, 2067, 2579];

/** True for an insert or update that a unique key refused, and for nothing else. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && uniqueViolations.includes(code);
}

/** True when another connection holds a lock that this statement needs. */
export function isBusy(error: unknown): boolean {
  return ((sqliteCode(error) ?? 0) & 0xff) === 5;
}

/** A `StoreError` for what the engine reports as a state of the disk or file; any other error as it is. */
export function storeErrorFrom(error: unknown, { opening }: { readonly opening?: string } = {}): unknown {
  const code = sqliteCode(error);
  const known = code === undefined ? fileSystemErrors[systemCode(error)] : primary[code & 0xff];
  if (known === undefined) return error;
  const [storeCode, text] = known;
  return new StoreError(storeCode, opening === undefined ? text : `${text} (${opening})`, { cause: error });
}

const fileSystemErrors: { readonly [code: string]: readonly [StoreErrorCode, string] } = {
  EACCES: ['cannot_open', 'The database may not be opened; check the permissions of the data folder.'],
  EPERM: ['cannot_open', 'The database may not be opened; check the permissions of the data folder.'],
  EROFS: ['cannot_open', 'The data folder is on a read-only file system; choose another with --data.'],
  ENOSPC: ['disk_full', 'The disk under the database is full; free some space.'],
};

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
