import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError } from './bootstrap-error.js';
import { startProgress } from './progress.js';

/** Everything that decides what the page becomes: its sources, how it is built, and with what. */
const INPUTS = ['src/client', 'src/protocol', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];

/** Where the fingerprint of what was built stands, in the folder itself: it comes and goes with the page. */
const RECORD = '.castling-built';

/** Characters of the builder's output that are shown when it fails. */
const KEPT_OUTPUT = 4_000;

/**
 * Builds the page in the browser into `dist/web`, unless it is there and made from what is here now. The new page takes
 * the old one's place whole, so that an interrupted build leaves no half of one.
 *
 * @param {string} root
 * @param {string} node the Node to build with
 * @throws {BootstrapError}
 */
export async function buildPage(root, node) {
  const wanted = fingerprint(root);
  const built = join(root, 'dist', 'web');
  if (recordOf(built) === wanted) return;
  const progress = startProgress('Building the page…');
  const fresh = join(root, 'dist', `.web-${process.pid}`);
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    await runVite(root, { node, outDir: fresh });
    writeFileSync(join(fresh, RECORD), wanted);
    rmSync(built, { recursive: true, force: true });
    renameSync(fresh, built);
  } catch (error) {
    progress.stop();
    throw error instanceof BootstrapError ? error : explain(error, join(root, 'dist'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  progress.finish('Page built');
}

/**
 * @param {string} root
 * @param {{ node: string, outDir: string }} options
 * @returns {Promise<void>}
 */
function runVite(root, { node, outDir }) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  return new Promise((resolve, reject) => {
    const child = spawn(node, [vite, 'build', '--outDir', outDir, '--logLevel', 'warn'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-KEPT_OUTPUT);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new BootstrapError(`the page in the browser could not be built:\n${output.trim()}`, 70));
    });
  });
}

/** @param {string} root */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    for (const file of filesOf(root, input)) {
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {string} input a file or a folder
 * @returns {string[]} in one order on every machine
 */
function filesOf(root, input) {
  const place = join(root, input);
  if (!existsSync(place)) return [];
  try {
    return readdirSync(place, { withFileTypes: true })
      .flatMap((entry) =>
        entry.isDirectory() ? filesOf(root, `${input}/${entry.name}`) : [`${input}/${entry.name}`],
      )
      .sort();
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') return [input];
    throw error;
  }
}

/** @param {string} folder */
function recordOf(folder) {
  try {
    return readFileSync(join(folder, RECORD), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} error
 * @param {string} folder
 */
function explain(error, folder) {
  switch (codeOf(error)) {
    case 'ENOSPC':
      return new BootstrapError(
        `the disk for ${folder} is full; free some and run the same command again.`,
        75,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BootstrapError(
        `the page is built into ${folder}, which cannot be written; make it writable.`,
        77,
      );
    default:
      return new BootstrapError(`the page in the browser could not be built: ${error}`, 70);
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
