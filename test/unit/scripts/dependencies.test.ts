import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash, verify } from 'argon2';
import { describe, expect, it } from 'vitest';
import { writeBillOfMaterials } from '../../../scripts/bill-of-materials.js';
import { isAtLeast } from '../../../src/process/version-floors.ts';
import { directDependencies, nameOf, productionPackages, root } from '../../support/production-packages.ts';

const page = readFileSync(join(root, 'docs', 'dependencies.md'), 'utf8');
const packages = productionPackages();

/** Of the budget's table. */
function atMost(what: string): number {
  const [, number] = new RegExp(`^\\| ${what} \\| (\\d+) \\|$`, 'm').exec(page) ?? [];
  return Number(number);
}

describe('G2 dependencies in production', () => {
  it('are within the budget of docs/dependencies.md', () => {
    expect(packages.size).toBeGreaterThan(80);
    expect(packages.size).toBeLessThanOrEqual(atMost('packages'));
  });

  it('each have a reason there, and nothing else has', () => {
    const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| (\d+) \|$/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...directDependencies].sort());
    for (const [, name = '', reason = '', count] of rows) {
      expect(reason.length, name).toBeGreaterThan(6);
      expect(Number(count), name).toBe(productionPackages([name]).size);
    }
  });

  it('have one native module and one install script, both argon2’s, which works without its script', async () => {
    const native = [...packages.keys()].filter(
      (place) => globSync('{prebuilds,build,bin,lib}/**/*.node', { cwd: join(root, place) }).length > 0,
    );
    expect(native.map(nameOf)).toEqual(['argon2']);
    expect(native.length).toBeLessThanOrEqual(atMost('packages with a native module'));
    const scripts = [...packages].filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripts.map(([place]) => nameOf(place))).toEqual(['argon2']);
    // The script would have built it here; only what the package carries is there.
    expect(globSync('build/**/*.node', { cwd: join(root, 'node_modules', 'argon2') })).toEqual([]);
    expect(await verify(await hash('correct horse'), 'correct horse')).toBe(true);
  });
});

describe('G3 versions in the lock file', () => {
  it.each([
    ['ws', '8.21.0'],
    ['jose', '6.2.10'],
  ])('%s is at least %s', (name, least) => {
    const found = [...packages].filter(([place]) => nameOf(place) === name);
    expect(found).not.toEqual([]);
    for (const [, { version }] of found) expect(isAtLeast(version, least)).toBe(true);
  });
});

describe('G4 the bill of materials', () => {
  it('names what the lock file installs in production, by name, version and hash, and nothing else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'castling-sbom-'));
    const path = join(folder, 'sbom.cdx.json');
    writeBillOfMaterials(root, path);
    const bill = JSON.parse(readFileSync(path, 'utf8')) as Bill;
    rmSync(folder, { recursive: true });
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'castling' } } });
    const sha512 = (integrity: string) =>
      Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
    const locked = [...packages].map(
      ([place, { version, integrity }]) => `${nameOf(place)}@${version} ${sha512(integrity)}`,
    );
    expect(
      bill.components.map(({ name, version, hashes }) => `${name}@${version} ${hashes[0]?.content}`).sort(),
    ).toEqual([...new Set(locked)].sort());
  });
});

interface Bill {
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly { readonly content: string }[];
  }[];
}
