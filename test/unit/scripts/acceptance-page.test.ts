import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceptancePage, collectEvidence, nightlyRows } from '../../../scripts/test-run/acceptance-page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const file = (name: string, results: readonly (readonly [string, string])[]) => ({
  name: join(root, 'test', name),
  status: 'passed',
  assertionResults: results.map(([fullName, status]) => ({ fullName, status })),
});
const line = (page: string, id: string) => page.split('\n').find((each) => each.startsWith(`| ${id} |`));

describe('the acceptance page', () => {
  const page = acceptancePage(
    collectEvidence({
      testResults: [
        file('a.test.ts', [
          ['A5 silent peers', 'passed'],
          ['A5 and B10 together', 'passed'],
        ]),
        file('unit/c.test.ts', [['D8 of a part alone', 'passed']]),
        file('b.test.ts', [
          ['B10 payloads', 'skipped'],
          ['C5x is no row, nor is XC5, nor Z9', 'passed'],
        ]),
      ],
    }),
    new Map([['A2', ['test/nightly/d.test.ts']]]),
  );

  it('says that a row passes when every test that names it passed, and in which files', () => {
    expect(line(page, 'A5')).toMatch(/\| passes \| `test\/a\.test\.ts` \|$/);
  });

  it('says when only parts were tried alone', () => {
    expect(line(page, 'D8')).toMatch(/\| unit level \| `test\/unit\/c\.test\.ts` \|$/);
  });

  it('counts a skipped test as one that shows nothing', () => {
    expect(line(page, 'B10')).toMatch(/\| \*\*fails\*\* \| `test\/a\.test\.ts`, `test\/b\.test\.ts` \|$/);
  });

  it('says which rows only the nightly run tries', () => {
    expect(line(page, 'A2')).toMatch(/\| nightly \| `test\/nightly\/d\.test\.ts` \|$/);
  });

  it('finds the rows of the nightly run in the titles of its files', () => {
    const rows = nightlyRows(join(root, 'test', 'nightly'));
    expect(rows.get('R3')).toEqual(['test/nightly/killed-processes-lose-nothing-in-fifty-kills.test.ts']);
  });

  it('says of a row without a test that it is not built', () => {
    expect(line(page, 'C5')).toMatch(/\| not built yet \| \|$/);
    expect(page).toContain('Of 98 rows, 1 pass');
  });
});
