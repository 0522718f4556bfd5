import { printable } from '../process/printable.ts';
import { scrubText } from '../process/redaction.ts';
import type { Mark } from './check.ts';
import type { Diagnosis } from './examine.ts';

const marks = { ok: '✓', note: '·', warning: '!', fault: '✗' } as const satisfies Record<Mark, string>;

const nameWidth = 'database of accounts'.length;

/** A mark, what was looked at and a sentence; below it what to do. */
export function findingText({ mark, check, says, remedy }: Diagnosis): string {
  const [first = '', ...more] = says.split('\n').map((line) => scrubText(printable(line)));
  const indent = ' '.repeat(nameWidth + 4);
  const lines = [
    `${marks[mark]} ${check.padEnd(nameWidth)}  ${first}`,
    ...more.map((line) => indent + line.trim()),
  ];
  if (remedy !== undefined) lines.push(`${indent}→ ${scrubText(printable(remedy))}`);
  return lines.join('\n');
}

/** The last line: how many there are of each kind that asks for something. */
export function summaryText(findings: readonly Diagnosis[]): string {
  const count = (mark: Mark) => findings.filter((finding) => finding.mark === mark).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  if (faults + warnings === 0) return 'All is well.';
  const parts = [
    ...(faults === 0 ? [] : [faults === 1 ? '1 thing is wrong' : `${faults} things are wrong`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? '1 will not last' : `${warnings} will not last`]),
  ];
  return `${parts.join(', and ')}.`;
}
