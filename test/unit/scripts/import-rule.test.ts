import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports } from '../../../scripts/house-rules/import-rule.ts';
import { HOUSES } from '../../../scripts/house-rules/import-table.ts';
import { readSourceFile } from '../../../scripts/house-rules/source-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-house-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Findings for a source tree of these files. */
function check(tree: Record<string, string>) {
  const files = Object.entries(tree).map(([path, text]) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return readSourceFile(folder, file);
  });
  return checkImports(files).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

describe('the import rule of the house', () => {
  it.each([
    ['store', 'auth', 'knows neither accounts nor games'],
    ['game', 'auth', 'never opens the auth store'],
    ['game', 'proxy', 'does not know who plays'],
    ['proxy', 'game', 'never opens the game store'],
    ['proxy', 'store', 'never opens the game store'],
    ['client', 'proxy', 'only by its protocol'],
    ['auth', 'client', 'knows no game'],
    ['process', 'protocol', 'may know none of them'],
    ['protocol', 'process', 'a leaf'],
    ['supervisor', 'proxy', 'processes of their own'],
  ])('refuses %s importing %s, and says why', (from, to, why) => {
    const [finding] = check({ [`${from}/deep/a.ts`]: `\nimport { b } from '../../${to}/b.ts';\n` });
    expect(finding).toContain(`${from}/deep/a.ts:2 ${from} may not import ${to}`);
    expect(finding).toContain(why);
  });

  it('lets nobody import proxy or client, and only the doctor the supervisor, whose ports it looks at', () => {
    for (const [name, { houses }] of Object.entries(HOUSES)) {
      for (const closed of ['proxy', 'client']) expect(houses).not.toContain(closed);
      if (name !== 'doctor') expect(houses).not.toContain('supervisor');
    }
  });

  it.each([
    ['a folder of its own that is called like a house', 'proxy/a.ts', './game/b.ts'],
    ['its own house from below', 'proxy/policy/rules/a.ts', '../../pipeline.ts'],
    ['a house that it may', 'proxy/a.ts', '../auth/index.ts'],
    ['Node and a package', 'game/a.ts', 'node:fs'],
    ['its one package', 'protocol/a.ts', 'typebox/value'],
  ])('lets a file import %s', (_what, path, specifier) => {
    expect(check({ [path]: `import { b } from '${specifier}';\nb();\n` })).toEqual([]);
  });

  it.each([
    ['a type', "import type { B } from '../auth/b.ts'; export type C = B;"],
    ['a re-export', "export { b } from '../auth/b.ts';"],
    ['everything of a file', "export * from '../auth/b.ts';"],
    ['a dynamic import', "await import('../auth/b.ts');"],
    ['the type of an import', "export type C = import('../auth/b.ts').B;"],
    ['a bare import', "import '../auth/b.ts';"],
  ])('finds %s', (_what, text) => {
    expect(check({ 'game/a.ts': text })).toHaveLength(1);
  });

  it('keeps the protocol free of Node and of packages', () => {
    const findings = check({ 'protocol/a.ts': "import 'node:crypto';\nimport 'jose';\n" });
    expect(findings).toHaveLength(2);
    expect(findings.join()).toContain('runs in a browser');
  });

  it('keeps everything that the SDK loads fit for a browser, however far away', () => {
    const findings = check({
      'client/connection.ts': "import { a } from './a.ts';\nimport type { T } from 'node:tls';\na({} as T);",
      'client/a.ts': "import { b } from './b.ts';\nexport const a = b;",
      'client/b.ts': "import { readFileSync } from 'node:fs';\nexport const b = readFileSync;",
      'client/cli/c.ts': "import 'node:readline';",
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain('client/b.ts:1 “node:fs” does not exist in a browser');
  });

  it('lets the program import the command of a house and nothing deeper', () => {
    expect(check({ 'main.ts': "import { register } from './proxy/command.ts';\nregister();" })).toEqual([]);
    expect(check({ 'main.ts': "import { x } from './proxy/pipeline.ts';\nx();" })).toHaveLength(1);
    expect(check({ 'proxy/a.ts': "import '../main.ts';" })).toHaveLength(1);
  });

  it('asks for a new folder to be put in the table', () => {
    expect(check({ 'bus/a.ts': "import 'node:fs';" })[0]).toContain('src/bus/ is no house of the design');
  });
});
