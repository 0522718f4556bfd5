/** test/ACCEPTANCE.md: which acceptance rows the tests of a whole, green run showed to hold. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { acceptanceRows } from '../../test/acceptance/rows.ts';
import type { VitestReport } from './count-results.ts';

interface Evidence {
  passed: number;
  failed: number;
  readonly files: Set<string>;
}

const root = join(import.meta.dirname, '..', '..');
const page = join(root, 'test', 'ACCEPTANCE.md');

/** Counts, for each row, the tests whose full name holds its id as a word. */
export function collectEvidence(report: VitestReport): Map<string, Evidence> {
  const evidence = new Map<string, Evidence>();
  for (const { name, assertionResults } of report.testResults) {
    for (const { fullName, status } of assertionResults) {
      for (const [id] of fullName.matchAll(/\b[A-DFGR]\d{1,2}\b/g)) {
        if (!(id in acceptanceRows)) continue;
        const row = evidence.get(id) ?? { passed: 0, failed: 0, files: new Set() };
        if (status === 'passed') row.passed += 1;
        else row.failed += 1;
        row.files.add(relative(root, name));
        evidence.set(id, row);
      }
    }
  }
  return evidence;
}

type State = 'passes' | 'unit level' | '**fails**';

function stateOf({ failed, files }: Evidence): State {
  if (failed > 0) return '**fails**';
  return [...files].every((file) => file.startsWith('test/unit/')) ? 'unit level' : 'passes';
}

/** The rows that files of the nightly run name, and these files; whether they pass, the nightly run says. */
export function nightlyRows(folder: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!name.endsWith('.test.ts')) continue;
    const titles = readFileSync(join(folder, name), 'utf8').matchAll(
      /\b(?:describe|it)\S*\(\s*['`]([^'`]*)/g,
    );
    const ids = [...titles].flatMap(([, title]) => [...(title ?? '').matchAll(/\b[A-DFGR]\d{1,2}\b/g)]);
    for (const id of new Set(ids.map(([id]) => id))) {
      if (id in acceptanceRows) rows.set(id, [...(rows.get(id) ?? []), `test/nightly/${name}`]);
    }
  }
  return rows;
}

/** The page as text. A row without a test is said to be not built; a skipped test counts as a failed one. */
export function acceptancePage(
  evidence: ReadonlyMap<string, Evidence>,
  nightly: ReadonlyMap<string, readonly string[]>,
): string {
  const lines = Object.entries(acceptanceRows).map(([id, claim]) => {
    const row = evidence.get(id);
    const atNight = nightly.get(id) ?? [];
    if (row === undefined && atNight.length === 0) return `| ${id} | ${claim} | not built yet | |`;
    const files = [...[...(row?.files ?? [])].sort(), ...atNight].map((file) => `\`${file}\``);
    return `| ${id} | ${claim} | ${row === undefined ? 'nightly' : stateOf(row)} | ${files.join(', ')} |`;
  });
  const states = [...evidence.values()].map(stateOf);
  const count = (state: State) => states.filter((each) => each === state).length;
  return `# Acceptance

Written by \`npm test\` after a run in which everything passed; do not edit. Of ${lines.length} rows, ${count('passes')} pass against parts that run
as they would for a user, and ${count('unit level')} more are shown at unit level only. Rows marked nightly are tried by
\`npm run test:nightly\` alone, which says whether they hold. What exactly a test does, and how far it goes, is in the test.

| row | claim | state | tests |
|---|---|---|---|
${lines.join('\n')}
`;
}

/**
 * Brings the page up to date after a whole run in which everything passed. In continuous integration it only compares.
 *
 * @returns whether the page in the repository said what the run showed.
 */
export function settleAcceptancePage(
  report: VitestReport,
  { compareOnly }: { compareOnly: boolean },
): boolean {
  const text = acceptancePage(collectEvidence(report), nightlyRows(join(root, 'test', 'nightly')));
  const kept = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (kept === text) return true;
  if (!compareOnly) writeFileSync(page, text);
  return false;
}
