import { chmodSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes `npx castling …` work at once in a clone: npm links the commands of dependencies, not the clone's own. Where
 * no link can be made (Windows without the right to), npx still finds the command by itself, only slower.
 *
 * @param {string} root
 */
export function linkCommand(root) {
  const folder = join(root, 'node_modules', '.bin');
  const link = join(folder, 'castling');
  if (process.platform === 'win32' || exists(link)) return;
  try {
    mkdirSync(folder, { recursive: true });
    symlinkSync(join('..', '..', 'scripts', 'castling.js'), link);
    chmodSync(join(root, 'scripts', 'castling.js'), 0o755);
  } catch {
    // npx works without it.
  }
}

/** @param {string} path */
function exists(path) {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
