import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * Bytes of the path of a UNIX socket, without the closing zero byte: 108 on Linux and 104 elsewhere (`sun_path` of unix(7)). Node
 * cuts a longer one off and binds what is left.
 */
export const longestSocketPath = (process.platform === 'linux' ? 108 : 104) - 1;

/** The door of the proxy, by which all that run in a folder are asked. */
const mainDoor = 'control';

export interface ControlPlace {
  /** A process's name among those of the folder, `[a-z0-9-]+`. Default: the proxy’s. */
  readonly door?: string;
  readonly platform?: NodeJS.Platform;
}

/**
 * Where a process of a data folder hears its operator: `DOOR.sock` in it. Windows has named pipes in their place, whose name
 * is made of the folder's; only the account that made one, and administrators, may write to it.
 */
export function controlPath(
  data: string,
  { door = mainDoor, platform = process.platform }: ControlPlace = {},
): string {
  const folder = resolve(data);
  if (platform !== 'win32') return join(folder, `${door}.sock`);
  const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\castling-${name}${door === mainDoor ? '' : `-${door}`}`;
}

/** The doors of backends in a folder, living or not. None on Windows, where nothing lists the pipes of a folder. */
export async function backendDoors(data: string): Promise<string[]> {
  const names = await readdir(data).catch(() => []);
  return names
    .filter((name) => /^backend-\d+\.sock$/.test(name))
    .map((name) => name.slice(0, -'.sock'.length));
}

/** Of the backend that listens on this port. */
export function backendDoor(port: number): string {
  return `backend-${port}`;
}
