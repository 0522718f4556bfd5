import { describe, expect, it } from 'vitest';
import {
  closingLine,
  countResults,
  countRun,
  type VitestReport,
} from '../../../scripts/test-run/count-results.ts';

const file = (status: string, ...statuses: string[]): VitestReport['testResults'][number] => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each) => ({ status: each, fullName: 'a test' })),
});
const report = (...testResults: VitestReport['testResults']): VitestReport => ({ testResults });

describe('countResults', () => {
  it('adds up tests by how they ended', () => {
    const counts = countResults(
      report(file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'pending')),
    );
    expect(counts).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  it('counts a file that could not be loaded', () => {
    expect(countResults(report(file('passed', 'passed'), file('failed')))).toMatchObject({
      passed: 1,
      failed: 1,
    });
  });
});

describe('countRun', () => {
  const good = { checkPassed: true, vitestExitCode: 0, report: report(file('passed', 'passed')) };

  it('counts the check as one', () => {
    expect(countRun(good)).toEqual({ passed: 2, failed: 0, skipped: 0 });
    expect(countRun({ ...good, checkPassed: false })).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it.each([
    ['no report', { ...good, report: undefined }],
    ['no test at all', { ...good, report: report() }],
    ['only skipped tests', { ...good, report: report(file('passed', 'pending')) }],
    ['an error outside of any test', { ...good, vitestExitCode: 1 }],
  ])('never takes %s for success', (_what, run) => {
    expect(countRun(run).failed).toBe(1);
  });
});

describe('closingLine', () => {
  it('names skipped tests only where there are any', () => {
    expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(closingLine({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped');
  });
});
