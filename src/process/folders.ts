import { existsSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainSystemError, systemErrorCode } from './explain-system-error.ts';
import { OperatorError } from './operator-error.ts';

/** What the choice of a folder depends on, besides the flag. */
export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>;
  /** The installed package or the clone. */
  root: string;
  home: string;
  platform: NodeJS.Platform;
};

/** The surroundings of this process. */
function surroundings(): Surroundings {
  return { env: process.env, root: packageRoot(), home: homedir(), platform: process.platform };
}

/** The folder that holds this package's `package.json`: two above this file, in `src/` and in `dist/` alike. */
export function packageRoot(): string {
  return dirname(dirname(dirname(fileURLToPath(import.meta.url))));
}

/** True in a clone of the repository; false where the package was installed under `node_modules`. */
export function isClone(root: string): boolean {
  return !root.split(sep).includes('node_modules') && existsSync(join(root, 'src', 'main.ts'));
}

/**
 * The folder for databases: the flag, else `CASTLING_DATA`, else `data/` in a clone, else Castling's place among the
 * account's application data (XDG Base Directory: `$XDG_DATA_HOME/castling`). Always absolute; not created here.
 *
 * @throws OperatorError `settings_invalid` when the account has no home folder and nothing else says where.
 */
export function dataFolder(flag: string | undefined, around: Surroundings = surroundings()): string {
  const chosen = flag ?? nonEmpty(around.env.CASTLING_DATA);
  if (chosen !== undefined) return resolve(chosen);
  if (isClone(around.root)) return join(around.root, 'data');
  return join(applicationData(around), 'castling');
}

/**
 * The folder for certificates and their keys: the flag, else `CASTLING_CERTS`, else `certs/` in a clone, else
 * `certs/` in the data folder, which `dataFlag` may name.
 *
 * @throws OperatorError like {@link dataFolder}.
 */
export function certificatesFolder(
  flag: string | undefined,
  dataFlag?: string | undefined,
  around: Surroundings = surroundings(),
): string {
  const chosen = flag ?? nonEmpty(around.env.CASTLING_CERTS);
  if (chosen !== undefined) return resolve(chosen);
  if (isClone(around.root)) return join(around.root, 'certs');
  return join(dataFolder(dataFlag, around), 'certs');
}

/**
 * Creates a folder that only this account can enter (0700), with its parents. One that exists keeps its mode, since
 * the operator chose it, unless `tighten` asks for 0700 there too.
 *
 * @throws OperatorError `folder_unusable` or `disk_full`, naming the folder and the flag that moves it.
 */
export async function ensureFolder(
  path: string,
  options: { flag?: string; tighten?: boolean } = {},
): Promise<void> {
  try {
    await createFolder(path);
    const found = await stat(path);
    if (options.tighten && (found.mode & 0o077) !== 0) await chmod(path, 0o700);
  } catch (error) {
    throw explainSystemError(error, { doing: 'write', path, flag: options.flag }) ?? error;
  }
}

/**
 * Node's recursive mkdir reports a read-only disk as ENOENT. Asked for one folder after the other, from the first
 * that is missing, the system tells the truth.
 */
async function createFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let each = path; !existsSync(each); each = dirname(each)) missing.unshift(each);
  for (const each of missing) {
    await mkdir(each, { mode: 0o700 }).catch((error: unknown) => {
      // Somebody else may have made it in between.
      if (systemErrorCode(error) !== 'EEXIST') throw error;
    });
  }
}

function applicationData(around: Surroundings): string {
  const { env, home, platform } = around;
  const xdg = env.XDG_DATA_HOME;
  // The specification says that a relative path is to be ignored.
  if (xdg && isAbsolute(xdg)) return xdg;
  if (platform === 'win32' && env.LOCALAPPDATA) return env.LOCALAPPDATA;
  if (!home) {
    throw new OperatorError(
      'settings_invalid',
      'This account has no home folder; say where to keep data with --data DIR or CASTLING_DATA.',
    );
  }
  return join(home, '.local', 'share');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
