import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled, lacksNativePart, recordInstalled } from '../../../scripts/bootstrap/install-state.js';

const LINUX = { platform: 'linux', arch: 'x64' };
const wanted = {
  '': { name: 'castling' },
  'node_modules/pino': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/native-linux': {
    version: '1.0.0',
    integrity: 'sha512-b',
    optional: true,
    os: ['linux'],
    cpu: ['x64'],
  },
  'node_modules/native-mac': {
    version: '1.0.0',
    integrity: 'sha512-c',
    optional: true,
    os: ['darwin'],
    cpu: ['x64'],
  },
  'node_modules/native-musl': {
    version: '1.0.0',
    optional: true,
    os: ['linux'],
    cpu: ['x64'],
    libc: ['musl'],
  },
  'scripts/runtime': { version: '1.0.0' },
};
const { 'node_modules/pino': pino, 'node_modules/native-linux': native } = wanted;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'castling-install-'));
  mkdirSync(join(root, 'scripts', 'runtime'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  for (const file of ['package.json', join('scripts', 'runtime', 'package.json')])
    writeFileSync(join(root, file), '{}');
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
});
afterEach(() => rmSync(root, { recursive: true }));

function npmInstalled(packages: object): void {
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
}

describe('isInstalled', () => {
  it('is false for an empty node_modules, and true once recorded', () => {
    expect(isInstalled(root)).toBe(false);
    recordInstalled(root);
    expect(isInstalled(root)).toBe(true);
  });

  it.each(['package.json', 'package-lock.json', join('scripts', 'runtime', 'package.json')])(
    'is false again when %s changes',
    (file) => {
      recordInstalled(root);
      writeFileSync(join(root, file), JSON.stringify({ packages: wanted, changed: true }));
      expect(isInstalled(root)).toBe(false);
    },
  );

  it('believes npm’s own list, and records that', () => {
    npmInstalled({ 'node_modules/pino': pino, 'node_modules/native-linux': native });
    expect(isInstalled(root)).toBe(true);
    rmSync(join(root, 'node_modules', '.package-lock.json'));
    expect(isInstalled(root)).toBe(true);
  });

  it.each([
    ['lacks a package', { 'node_modules/native-linux': native }],
    [
      'has another version',
      { 'node_modules/pino': { ...pino, version: '2.0.0' }, 'node_modules/native-linux': native },
    ],
    [
      'has other content',
      { 'node_modules/pino': { ...pino, integrity: 'x' }, 'node_modules/native-linux': native },
    ],
  ])('is false when that list %s', (_what, packages) => {
    npmInstalled(packages);
    expect(isInstalled(root)).toBe(false);
  });
});

describe('lacksNativePart', () => {
  it('is true only for a part that fits this machine', () => {
    npmInstalled({ 'node_modules/pino': pino });
    expect(lacksNativePart(root, LINUX)).toBe(true);
    expect(lacksNativePart(root, { platform: 'win32', arch: 'x64' })).toBe(false);
    npmInstalled({ 'node_modules/pino': pino, 'node_modules/native-linux': native });
    expect(lacksNativePart(root, LINUX)).toBe(false);
  });
});
