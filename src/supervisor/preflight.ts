import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { explainSystemError } from '../process/explain-system-error.ts';
import { ensureFolder } from '../process/folders.ts';
import { OperatorError } from '../process/operator-error.ts';
import { writeSecureFile } from '../process/secure-file.ts';
import { freeBytesAt, leastFreeBytes } from './free-space.ts';
import { type Listener, listenersOf, type StartSettings } from './start-settings.ts';

/**
 * Finds out before anything is started what would make the children fail one after the other: a port that is taken,
 * a data folder that cannot be written, a disk that is full.
 *
 * @throws OperatorError with one sentence that names the port or folder and the flag that moves it.
 */
export async function preflight(settings: StartSettings): Promise<void> {
  for (const listener of listenersOf(settings)) await tryToListen(listener);
  await ensureFolder(settings.data, { flag: '--data' });
  await refuseFullDisk(settings.data);
  await tryToWrite(settings.data);
}

function tryToListen({ host, port, flag }: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      reject(explainSystemError(error, { doing: 'listen', host, port, flag }) ?? error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

async function refuseFullDisk(path: string): Promise<void> {
  const free = await freeBytesAt(path);
  if (free >= leastFreeBytes) return;
  throw new OperatorError(
    'disk_full',
    `Only ${Math.floor(free / 1_048_576)} MB are left on the disk for ${path}, too few to host games; free some, or choose another place with --data.`,
  );
}

async function tryToWrite(folder: string): Promise<void> {
  const path = join(folder, '.castling-can-write');
  try {
    await writeSecureFile(path, 'Castling writes this file at its start, and removes it at once.\n');
    await rm(path);
  } catch (error) {
    throw explainSystemError(error, { doing: 'write', path: folder, flag: '--data' }) ?? error;
  }
}
