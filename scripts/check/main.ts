import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// `npm run check`: everything that can be said about the source without running it. All steps run, whatever the
// first ones say; only what fails is shown in full. Usage: node scripts/check/main.ts [STEP …]
const root = join(import.meta.dirname, '..', '..');

/** One step: a name, and the program with its arguments, run by this Node. */
const STEPS: readonly { name: string; args: readonly string[] }[] = [
  { name: 'format', args: ['node_modules/@biomejs/biome/bin/biome', 'format', '--colors=off'] },
  {
    name: 'lint',
    args: ['node_modules/@biomejs/biome/bin/biome', 'lint', '--error-on-warnings', '--colors=off'],
  },
  { name: 'house rules', args: ['scripts/house-rules/main.ts'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc'] },
  {
    name: 'types of the page',
    args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'src/client/web'],
  },
  {
    name: 'types of the page’s tests',
    args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'test/browser'],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
];

const wanted = process.argv.slice(2);
const steps = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const failed = steps.filter((step) => !passes(step));
process.stdout.write(
  failed.length === 0 ? 'Check passed.\n' : `Check failed: ${failed.map(({ name }) => name).join(', ')}.\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function passes({ name, args }: (typeof STEPS)[number]): boolean {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (status !== 0) process.stdout.write(`${stdout}${stderr}\n`);
  return status === 0;
}
