import { randomInt } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';

/** SQLite's primary result code for a lock that another connection holds. */
const busy = 5;

/** A holder waits for one HTTP answer at most (30 s); whoever waits longer than that has found something stuck. */
const longestWaitMs = 40_000;

/**
 * Runs `action` while holding a lock that other processes see. Node has no `flock`, and a file that merely exists
 * would outlive a killed holder; SQLite's write lock is the operating system's own and goes with its process. The
 * database stays empty.
 *
 * @throws CliError `profile_busy`
 */
export async function withProfileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    await chmod(path, 0o600);
    await acquire(database, path);
    return await action();
  } finally {
    // Closing rolls back and lets go.
    database.close();
  }
}

async function acquire(database: DatabaseSync, path: string): Promise<void> {
  const deadline = performance.now() + longestWaitMs;
  while (!tryBegin(database)) {
    if (performance.now() > deadline) {
      const message = `Another castling command has held ${path} for too long; end it and try again.`;
      throw new CliError('profile_busy', message, { exitCode: ClientExit.temporary });
    }
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
