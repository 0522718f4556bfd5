import { randomInt } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { PRIVATE_FILE_MODE } from './secure-file.ts';

/** SQLite's primary result code for a lock that another connection holds. */
const busy = 5;

export interface FileLockOptions {
  /** Milliseconds to wait for another holder. */
  readonly longestWaitMs: number;
  /** What is thrown after that. */
  readonly stuck: () => Error;
}

/**
 * Runs `action` while holding a lock at `path` that other processes, and others in this one, see. Node has no `flock`, and a
 * file that merely exists would outlive a killed holder; SQLite's write lock is the operating system's own and goes with its
 * process. The file is made when it is not there, stays, and is empty.
 */
export async function withFileLock<T>(
  path: string,
  options: FileLockOptions,
  action: () => Promise<T>,
): Promise<T> {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    await chmod(path, PRIVATE_FILE_MODE);
    await acquire(database, options);
    return await action();
  } finally {
    // Closing rolls back and lets go.
    database.close();
  }
}

async function acquire(database: DatabaseSync, { longestWaitMs, stuck }: FileLockOptions): Promise<void> {
  const deadline = performance.now() + longestWaitMs;
  while (!tryBegin(database)) {
    if (performance.now() > deadline) throw stuck();
    // No event tells of another process's lock, so it is asked for again, at times that do not coincide.
    await sleep(randomInt(20, 60));
  }
}

function tryBegin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return false;
    throw error;
  }
}
