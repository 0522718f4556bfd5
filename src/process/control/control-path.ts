import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/**
 * Bytes of the path of a UNIX socket, without the closing zero byte: 108 on Linux and 104 elsewhere (`sun_path` of unix(7)). Node
 * cuts a longer one off and binds what is left.
 */
export const longestSocketPath = (process.platform === 'linux' ? 108 : 104) - 1;

/**
 * Where the proxy of a data folder hears its operator: `control.sock` in it. Windows has named pipes in their place, whose name
 * is made of the folder's; only the account that made one, and administrators, may write to it.
 */
export function controlPath(data: string, platform: NodeJS.Platform = process.platform): string {
  const folder = resolve(data);
  if (platform !== 'win32') return join(folder, 'control.sock');
  const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\castling-${name}`;
}
