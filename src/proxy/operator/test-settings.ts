import { resolve } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import { loadSettings } from '../../settings/index.ts';
import type { PolicySettings } from '../policy/policy.ts';
import { PolicyComparison, type RuleChange } from '../policy/traffic/compare-policies.ts';
import type { TrafficRecord } from '../policy/traffic/traffic-record.ts';
import { readCapture } from './capture-file.ts';

/** `castling config test NEW --replay CAPTURE`: what other limits and filters would have done with recorded traffic. */
export function registerTest(config: Command): void {
  config
    .command('test')
    .description(
      'Replay recorded traffic against the limits and filters of a settings file, and show what they would have done differently from those in effect when it was recorded.',
    )
    .argument('<file>', 'the new settings')
    .requiredOption('--replay <capture>', 'a file made by `castling config capture`')
    .option('--json', 'one JSON object a line')
    .action((file: string, flags: { readonly replay: string; readonly json?: boolean }) =>
      runCommand(async () => {
        const cwd = process.cwd();
        const { settings } = await loadSettings({ flags: [], env: {}, cwd, file: resolve(cwd, file) });
        const report = await replay(flags.replay, { limits: settings.limits, filters: settings.filters });
        const lines = flags.json ? report.changes.map((change) => JSON.stringify(change)) : inWords(report);
        for (const line of lines) process.stdout.write(`${printable(line)}\n`);
      }),
    );
}

interface Report {
  readonly records: number;
  readonly cut: number;
  readonly changes: readonly RuleChange[];
}

/** Each process limits for itself, so each is replayed for itself. */
async function replay(path: string, after: PolicySettings): Promise<Report> {
  const comparisons = new Map<string, PolicyComparison>();
  for await (const line of readCapture(path)) {
    const comparison = comparisons.get(line.from);
    if ('records' in line) {
      for (const record of line.records as readonly TrafficRecord[]) comparison?.take(record);
    } else if (comparison === undefined) {
      comparisons.set(line.from, new PolicyComparison(line.settings, after));
    } else {
      comparison.changeBefore(line.settings);
    }
  }
  const all = [...comparisons.values()];
  const sum = (of: (one: PolicyComparison) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    records: sum(({ records }) => records),
    cut: sum(({ cut }) => cut),
    changes: together(all.flatMap(({ changes }) => changes)),
  };
}

/** The same rule in several processes is one. */
function together(changes: readonly RuleChange[]): RuleChange[] {
  const byRule = Map.groupBy(changes, ({ rule }) => rule);
  return [...byRule].map(([rule, parts]) => ({
    rule,
    newlyRefused: parts.reduce((total, part) => total + part.newlyRefused, 0),
    newlyAdmitted: parts.reduce((total, part) => total + part.newlyAdmitted, 0),
    shadowed: parts.reduce((total, part) => total + part.shadowed, 0),
    examples: parts.flatMap(({ examples }) => examples).slice(0, 3),
  }));
}

function inWords({ records, cut, changes }: Report): string[] {
  if (changes.length === 0) return [`${records} records: nothing would change.`];
  const width = Math.max(4, ...changes.map(({ rule }) => rule.length));
  const columns = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, index) => (index === 0 ? String(cell).padEnd(width) : String(cell).padStart(14)))
      .join('');
  return [
    columns(['rule', 'newly refused', 'newly let in', 'in the shadow']),
    ...changes.flatMap(({ rule, newlyRefused, newlyAdmitted, shadowed, examples }) => [
      columns([rule, newlyRefused, newlyAdmitted, shadowed]),
      ...examples.map((example) => `  ${example}`),
    ]),
    `${records} records. ${cut} would not have come, since their connection would have been refused or closed before.`,
  ];
}
