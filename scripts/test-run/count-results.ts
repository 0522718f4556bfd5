/** The part of vitest's JSON report (the format is Jest's) that is counted. */
export type VitestReport = {
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
};

export type Counts = { passed: number; failed: number; skipped: number };

/**
 * Counts tests. A file that failed before its first test, for instance while importing, is one failure: it must not
 * vanish from the sum.
 */
export function countResults(report: VitestReport): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report.testResults) {
    const failedBefore = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && counts.failed === failedBefore) counts.failed += 1;
  }
  return counts;
}

/**
 * The counts of a whole run: the check is one of them, and so is every way for vitest to fail that no test shows: a
 * missing report, no test at all, or a non-zero exit with nothing failed (an error outside any test).
 */
export function countRun(run: {
  checkPassed: boolean;
  vitestExitCode: number;
  report: VitestReport | undefined;
}): Counts {
  const counts = run.report === undefined ? { passed: 0, failed: 1, skipped: 0 } : countResults(run.report);
  if (run.report !== undefined && counts.failed === 0) {
    const ranNothing = counts.passed === 0;
    if (ranNothing || run.vitestExitCode !== 0) counts.failed += 1;
  }
  counts[run.checkPassed ? 'passed' : 'failed'] += 1;
  return counts;
}

/** `12 passed, 0 failed`, with skipped ones named only where there are any. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
