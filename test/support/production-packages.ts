/** What the lock file installs in production, wherever this package is a dependency. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const root = resolve(import.meta.dirname, '../..');

const lock = JSON.parse(readFileSync(resolve(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

export const directDependencies: readonly string[] = Object.keys(lock.packages['']?.dependencies ?? {});

/** Places (`node_modules/a/node_modules/b`) of the packages that these need, themselves included. */
export function productionPackages(names = directDependencies): Map<string, LockedPackage> {
  const found = new Map<string, LockedPackage>();
  const visit = (place: string | undefined) => {
    const entry = place === undefined ? undefined : lock.packages[place];
    if (place === undefined || entry === undefined || found.has(place)) return;
    found.set(place, entry);
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
      visit(placeOf(place, name));
  };
  for (const name of names) visit(placeOf('', name));
  return found;
}

/** Where Node finds a package from a place: in it, and in every folder above. */
function placeOf(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in lock.packages) return place;
    if (folder === '') return undefined;
  }
}

export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
