/**
 * Writes test/ACCEPTANCE.md: which acceptance rows the tests of a run showed to hold.
 *
 *   node scripts/acceptance.ts REPORT           writes the page from a vitest JSON report
 *   node scripts/acceptance.ts REPORT --check   fails when the page in the repository says something else
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { acceptanceRows } from '../test/acceptance/rows.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface Evidence {
  passed: number;
  failed: number;
  readonly files: Set<string>;
}

const root = new URL('..', import.meta.url).pathname;
const page = new URL('../test/ACCEPTANCE.md', import.meta.url);

/** Counts, for each row, the tests whose full name holds its id as a word. */
export function collectEvidence(report: Report): Map<string, Evidence> {
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

/** The page as text. A row without a test is said to be not built; a skipped test counts as a failed one. */
export function acceptancePage(evidence: ReadonlyMap<string, Evidence>): string {
  const lines = Object.entries(acceptanceRows).map(([id, claim]) => {
    const row = evidence.get(id);
    if (row === undefined) return `| ${id} | ${claim} | not built yet | |`;
    const files = [...row.files].sort().map((file) => `\`${file}\``);
    return `| ${id} | ${claim} | ${row.failed === 0 ? 'passes' : '**fails**'} | ${files.join(', ')} |`;
  });
  const passing = [...evidence.values()].filter((row) => row.failed === 0).length;
  return `# Acceptance

Generated from a test run by \`scripts/acceptance.ts\`; do not edit. ${passing} of ${lines.length} rows have tests that name them, all passing.

| row | claim | state | tests |
|---|---|---|---|
${lines.join('\n')}
`;
}

if (import.meta.main) {
  const [reportFile, mode] = process.argv.slice(2);
  if (reportFile === undefined) throw new Error('Name a vitest JSON report.');
  const text = acceptancePage(collectEvidence(JSON.parse(readFileSync(reportFile, 'utf8')) as Report));
  if (mode !== '--check') {
    writeFileSync(page, text);
  } else if (readFileSync(page, 'utf8') !== text) {
    console.error('test/ACCEPTANCE.md does not say what this run showed; run: npm run acceptance');
    process.exitCode = 1;
  }
}
