import { spawn } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { findNode } from '../pinned-node.js';
import { BootstrapError } from './bootstrap-error.js';
import { explainNpmFailure } from './explain-npm-failure.js';
import { isInstalled, lacksNativePart, recordInstalled } from './install-state.js';
import { startProgress } from './progress.js';

/** A network that is away is told about in seconds; npm's own patience is more than a minute a package. */
const RETRIES = ['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=5000'];
const CI = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=warn', ...RETRIES];

/** What the installation takes, in megabytes, with some room. */
const NEEDED_MB = 500;

/** npm only warns when it cannot unpack a file, and ends with 0 all the same. */
const NOT_UNPACKED = /TAR_ENTRY_ERROR/;

/** Characters of npm's output that are kept to explain a failure. */
const KEPT_OUTPUT = 65_536;

/**
 * Installs exactly what package-lock.json says, unless it is there already. No package's own install script runs:
 * what needs native code has it prebuilt.
 *
 * @param {string} root
 * @throws {BootstrapError} with one sentence for no network, no disk, no permission
 */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  refuseSmallDisk(root);
  const progress = startProgress('Installing dependencies (once)…');
  try {
    await npm(root, process.execPath);
    const pinned = findNode(root);
    // The pinned Node is there now, and npm on it leaves nothing out.
    if (lacksNativePart(root) && pinned !== undefined && pinned !== process.execPath) await npm(root, pinned);
    recordInstalled(root);
  } catch (error) {
    progress.stop();
    throw error;
  }
  progress.finish('Dependencies installed');
}

/**
 * Runs `npm ci` with the npm that started this script, on the given Node; else with the one on the path.
 *
 * @param {string} root
 * @param {string} node
 * @returns {Promise<void>}
 */
function npm(root, node) {
  const own = process.env.npm_execpath;
  const isScript = own !== undefined && /\.c?js$/.test(own) && existsSync(own);
  return new Promise((resolve, reject) => {
    const child = isScript
      ? spawn(node, [own, ...CI], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('npm', CI, {
          cwd: root,
          stdio: ['ignore', 'pipe', 'pipe'],
          shell: process.platform === 'win32',
        });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-KEPT_OUTPUT);
      });
    }
    child.once('error', () =>
      reject(new BootstrapError('npm was not found; install it and run the same command again.', 78)),
    );
    child.once('close', (code) => {
      if (code === 0 && !NOT_UNPACKED.test(output)) resolve();
      else reject(explainNpmFailure(output, code ?? 1));
    });
  });
}

/** @param {string} root */
function refuseSmallDisk(root) {
  const disk = statfsSync(root);
  const free = Math.floor((disk.bavail * disk.bsize) / 1_048_576);
  if (free >= NEEDED_MB) return;
  throw new BootstrapError(
    `installing the dependencies takes ${NEEDED_MB} MB and only ${free} MB are left on the disk for ${root}; free some and run the same command again.`,
    75,
  );
}
