import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Read and written by the owner only. */
export const PRIVATE_FILE_MODE = 0o600;

/**
 * Writes a file that only this account can read (0600, or `mode`), all of it or nothing: a reader sees the old
 * content or the new one, also after a crash or a loss of power. The content is on disk before the name points to it
 * (fsync, rename, fsync of the folder).
 *
 * @throws the system's error (`ENOSPC`, `EACCES`, …); the old file is then untouched and nothing is left behind.
 */
export async function writeSecureFile(
  path: string,
  content: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeAndSync(temporary, content, options.mode ?? PRIVATE_FILE_MODE);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function writeAndSync(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  // `wx`: never follow or overwrite something that waits under this name.
  const file = await open(path, 'wx', mode);
  try {
    // The umask may have taken bits away from the mode given to open.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and its rename is journalled without this.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
