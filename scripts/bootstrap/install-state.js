import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One package in a lock file, as far as it is looked at here.
 *
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[] }} LockEntry
 */

/** Where the fingerprint of what is installed stands; npm leaves a file of this name alone, and `npm ci` removes it. */
const RECORD = join('node_modules', '.castling-installed');

/** What decides the content of node_modules. */
const INPUTS = ['package-lock.json', 'package.json', join('scripts', 'runtime', 'package.json')];

/**
 * True when node_modules holds what the lock file says: it was recorded so, or npm's own list of what it installed
 * agrees (after an `npm ci` by hand).
 *
 * @param {string} root
 */
export function isInstalled(root) {
  if (read(join(root, RECORD)) === fingerprint(root)) return true;
  if (!agreesWithNpm(root) || lacksNativePart(root)) return false;
  recordInstalled(root);
  return true;
}

/** @param {string} root */
export function recordInstalled(root) {
  writeFileSync(join(root, RECORD), fingerprint(root));
}

/**
 * True when npm left out a native part that fits this machine. It does so, without a word, for an optional package
 * whose `engines` exclude the Node that npm runs on, though Castling's tools run on another.
 *
 * @param {string} root
 * @param {{ platform?: string, arch?: string }} [machine]
 */
export function lacksNativePart(root, machine = {}) {
  const { platform = process.platform, arch = process.arch } = machine;
  const installed = installedPackages(root) ?? {};
  return Object.entries(wantedPackages(root)).some(
    ([place, { os, cpu, libc }]) =>
      os?.includes(platform) &&
      (cpu?.includes(arch) ?? true) &&
      (libc?.includes('glibc') ?? true) &&
      installed[place] === undefined,
  );
}

/** @param {string} root */
function agreesWithNpm(root) {
  const installed = installedPackages(root);
  if (installed === undefined) return false;
  return Object.entries(wantedPackages(root)).every(([place, entry]) => {
    if (!place.startsWith('node_modules/') || entry.link) return true;
    const found = installed[place];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * npm writes this list last, so it does not exist after an interrupted installation.
 *
 * @param {string} root
 * @returns {Record<string, LockEntry> | undefined}
 */
function installedPackages(root) {
  const listed = read(join(root, 'node_modules', '.package-lock.json'));
  return listed === undefined ? undefined : JSON.parse(listed).packages;
}

/**
 * @param {string} root
 * @returns {Record<string, LockEntry>}
 */
function wantedPackages(root) {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
}

/** @param {string} root */
function fingerprint(root) {
  const hash = createHash('sha256');
  for (const input of INPUTS) hash.update(readFileSync(join(root, input)));
  return hash.digest('hex');
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
