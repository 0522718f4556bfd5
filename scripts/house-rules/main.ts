import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkForbiddenCalls } from './forbidden-calls.ts';
import { checkImports } from './import-rule.ts';
import { readSourceFile } from './source-file.ts';

// Checks the rules of the house that no general linter knows. Usage: node scripts/house-rules/main.ts [SOURCE FOLDER]
const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '..', '..', 'src'));
const files = globSync('**/*.{ts,tsx}', { cwd: folder })
  .sort()
  .map((file) => readSourceFile(folder, join(folder, file)));
const findings = [...checkImports(files), ...checkForbiddenCalls(files)];
for (const { path, line, message } of findings) {
  process.stdout.write(`src/${path}:${line} ${message}\n`);
}
process.stdout.write(
  findings.length === 0
    ? `House rules: ${files.length} files, nothing to object to.\n`
    : `House rules: ${findings.length} found.\n`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
