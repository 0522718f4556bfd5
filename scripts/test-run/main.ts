import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { settleAcceptancePage } from './acceptance-page.ts';
import { type Counts, closingLine, countRun, type VitestReport } from './count-results.ts';
import { provideTools, toolsFor } from './debian-tools.ts';

// `npm test`: tools, check, every vitest project, and a closing line with the counts. Arguments go to vitest.
const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'node_modules', '.bin');
// Whatever a test starts by the name `node` is the Node that runs this.
const env = { ...process.env, PATH: [dirname(process.execPath), bin, process.env.PATH].join(delimiter) };

main();

function main(): void {
  try {
    provideTools(toolsFor(process.argv.includes('vitest.nightly.config.ts') ? 'nightly' : 'every'));
  } catch (error) {
    process.stderr.write(`castling: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 78;
    return;
  }
  const checkPassed = runNode('scripts/check/main.ts') === 0;
  const { vitestExitCode, report } = runVitest();
  const counts = countRun({ checkPassed, vitestExitCode, report });
  if (report !== undefined && counts.failed === 0 && process.argv.length === 2) settlePage(report, counts);
  const line = closingLine(counts);
  process.stdout.write(`\n${line}\n`);
  // `.ci/run` prints the line once more, after everything that npm may still say.
  if (process.env.CASTLING_TEST_SUMMARY) writeFileSync(process.env.CASTLING_TEST_SUMMARY, `${line}\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

/** Counts as one test in continuous integration; elsewhere it says what it changed. */
function settlePage(report: VitestReport, counts: Counts): void {
  const compareOnly = Boolean(process.env.CI);
  const wasTrue = settleAcceptancePage(report, { compareOnly });
  if (wasTrue || compareOnly) counts[wasTrue ? 'passed' : 'failed'] += 1;
  if (wasTrue) return;
  process.stdout.write(
    compareOnly
      ? '\ntest/ACCEPTANCE.md does not say what this run showed; run npm test and commit the page.\n'
      : '\ntest/ACCEPTANCE.md has been brought up to date; commit it.\n',
  );
}

function runVitest(): { vitestExitCode: number; report: VitestReport | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
  const file = join(folder, 'report.json');
  try {
    const vitestExitCode = runNode('node_modules/vitest/vitest.mjs', [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...process.argv.slice(2),
    ]);
    return { vitestExitCode, report: readReport(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

function runNode(program: string, args: string[] = []): number {
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  return (
    spawnSync(process.execPath, [join(root, program), ...args], { cwd: root, env, stdio: [...stdio] })
      .status ?? 1
  );
}
