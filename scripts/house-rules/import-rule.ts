import { isBuiltin } from 'node:module';
import { BROWSER_ENTRIES, BROWSER_PACKAGES, HOUSES } from './import-table.ts';
import { type Finding, type Import, type SourceFile, targetOf } from './source-file.ts';

/** Finds every import that the house rule refuses, each with the reason. */
export function checkImports(files: readonly SourceFile[]): Finding[] {
  return [...files.flatMap(checkHouse), ...checkBrowserFiles(files)];
}

function checkHouse(file: SourceFile): Finding[] {
  return file.imports.flatMap((each) => {
    const message = file.path.includes('/') ? refusalInHouse(file, each) : refusalAtTop(file, each);
    return message === undefined ? [] : [{ path: file.path, line: each.line, message }];
  });
}

/** Files directly in `src/` put the commands together: they reach no deeper than each house's `command.ts`. */
function refusalAtTop(file: SourceFile, each: Import): string | undefined {
  const target = targetOf(file.path, each.specifier);
  if (target === undefined || !target.includes('/')) return undefined;
  if (target.startsWith('process/') || target.endsWith('command.ts')) return undefined;
  return `“${each.specifier}”: src/${file.path} only registers commands, so it imports nothing of a house but its command.ts`;
}

function refusalInHouse(file: SourceFile, each: Import): string | undefined {
  const name = houseOf(file.path);
  const house = HOUSES[name];
  if (house === undefined)
    return `src/${name}/ is no house of the design; add it to the import table, with its reason`;
  const target = targetOf(file.path, each.specifier);
  if (target === undefined) {
    if (isBuiltin(each.specifier)) {
      return house.builtins ? undefined : `${name} may not import Node’s “${each.specifier}”: ${house.why}`;
    }
    const allowed = house.packages === undefined || house.packages.includes(packageOf(each.specifier));
    return allowed ? undefined : `${name} may not import the package “${each.specifier}”: ${house.why}`;
  }
  if (target.startsWith('../')) return `“${each.specifier}” leaves src/`;
  if (!target.includes('/'))
    return `“${each.specifier}”: nothing imports the files that only put commands together`;
  const other = houseOf(target);
  if (other === name || house.houses.includes(other)) return undefined;
  return `${name} may not import ${other} (“${each.specifier}”): ${house.why}`;
}

/** Follows what a browser would load from each entry, and refuses what it could not. */
function checkBrowserFiles(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const findings: Finding[] = [];
  for (const entry of BROWSER_ENTRIES) {
    const seen = new Set<string>();
    const waiting = [entry];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const file = byPath.get(path);
      if (file === undefined || seen.has(path)) continue;
      seen.add(path);
      for (const each of file.imports.filter(({ typeOnly }) => !typeOnly)) {
        const target = targetOf(path, each.specifier);
        if (target !== undefined && houseOf(target) !== 'process') waiting.push(target);
        else if (target !== undefined || !BROWSER_PACKAGES.includes(packageOf(each.specifier))) {
          const message = `“${each.specifier}” does not exist in a browser, where src/${entry} and all that it imports must run`;
          findings.push({ path, line: each.line, message });
        }
      }
    }
  }
  return findings;
}

function houseOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

/** `typebox/value` belongs to `typebox`, `@fastify/cookie/x` to `@fastify/cookie`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
