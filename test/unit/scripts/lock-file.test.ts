import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

type Entry = {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

const root = resolve(import.meta.dirname, '../../..');
const lock: { packages: Record<string, Entry> } = JSON.parse(
  readFileSync(resolve(root, 'package-lock.json'), 'utf8'),
);
const installed = Object.entries(lock.packages).filter(
  ([place, { link }]) => place.includes('node_modules/') && !link,
);
const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Where Node would find a package from the given place, in the lock file. */
function find(from: string, name: string): Entry | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const found = lock.packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (found !== undefined || folder === '') return found;
  }
}

describe('G1 the lock file', () => {
  it('has the SHA-512 of everything, from the public registry and nowhere else', () => {
    expect(installed.length).toBeGreaterThan(100);
    for (const [place, { integrity, resolved }] of installed) {
      expect(integrity, place).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      if (resolved !== undefined) expect(resolved, place).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  it('is complete for every platform: npm ci refuses a lock file that lacks an optional part', () => {
    const lacking = Object.entries(lock.packages).flatMap(([place, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })
        .filter((name) => find(place, name) === undefined)
        .map((name) => `${place} → ${name}`),
    );
    expect(lacking).toEqual([]);
  });

  it('pins the versions that the project asks for exactly', () => {
    const manifest = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(lock.packages[`node_modules/${name}`]?.version).toBe(version);
    }
  });

  it('pins one Node for all platforms', () => {
    const runtimes = installed.filter(([place]) => /^node-(linux|darwin|win|bin)-/.test(nameOf(place)));
    expect(runtimes).toHaveLength(5);
    expect(new Set(runtimes.map(([, { version }]) => version)).size).toBe(1);
  });
});
