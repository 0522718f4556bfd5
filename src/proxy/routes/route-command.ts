import type { Command } from 'commander';
import { askControlForAll, type ControlRoute } from '../../process/control/index.ts';
import { dataFolder } from '../../process/folders.ts';
import { runCommand } from '../../process/run-command.ts';
import type { UpstreamReport } from './route-control.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `castling route`: what an operator sees and does of the programs behind the routes. */
export function registerRoute(program: Command): void {
  const route = program.command('route').description('Show and drain the programs behind the routes.');
  const withFlags = (command: Command) =>
    command
      .option('--data <dir>', 'folder of the databases (environment: CASTLING_DATA)')
      .option('--json', 'one JSON object a line');
  withFlags(route.command('list'))
    .description('list every upstream of every route, and whether something new may go there')
    .action((flags: Flags) => run('GET /routes', flags));
  withFlags(route.command('drain <route> <upstream>'))
    .description('send nothing new to an upstream; what it has goes on to its own end')
    .action((name: string, upstream: string, flags: Flags) =>
      run('POST /routes/drain', flags, { route: name, upstream }),
    );
  withFlags(route.command('undrain <route> <upstream>'))
    .description('send to a drained upstream again, little by little')
    .action((name: string, upstream: string, flags: Flags) =>
      run('POST /routes/undrain', flags, { route: name, upstream }),
    );
}

async function run(question: ControlRoute, flags: Flags, body?: object): Promise<void> {
  await runCommand(async () => {
    const data = dataFolder(flags.data);
    const answers = await askControlForAll<UpstreamReport | UpstreamReport[]>(question, { data, body });
    const reports = together(answers.flat());
    if (flags.json) for (const each of reports) process.stdout.write(`${JSON.stringify(each)}\n`);
    else process.stdout.write(reports.length === 0 ? 'The settings list no routes.\n' : table(reports));
  });
}

/** One line for each upstream, however many processes of this proxy know it. */
function together(reports: readonly UpstreamReport[]): UpstreamReport[] {
  const all = new Map<string, UpstreamReport[]>();
  for (const each of reports) {
    const key = `${each.route} ${each.upstream}`;
    all.set(key, [...(all.get(key) ?? []), each]);
  }
  return [...all.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [others.reduce(joined, first)],
  );
}

function joined(one: UpstreamReport, other: UpstreamReport): UpstreamReport {
  return {
    ...one,
    available: one.available && other.available,
    probe: same(one.probe, other.probe),
    breaker: same(one.breaker, other.breaker),
    draining: one.draining && other.draining,
    connections: one.connections + other.connections,
    maxConnections: one.maxConnections + other.maxConnections,
    weight: Math.min(one.weight, other.weight),
  };
}

/** Processes find things out by themselves, so they may differ for a while. */
function same(one: string, other: string): string {
  return one.split(' or ').includes(other) ? one : `${one} or ${other}`;
}

function table(reports: readonly UpstreamReport[]): string {
  const rows = [
    ['ROUTE', 'KIND', 'UPSTREAM', 'STATE', 'PROBE', 'BREAKER', 'CONNECTIONS', 'WEIGHT'],
    ...reports.map((each) => [
      each.route,
      each.kind,
      each.upstream,
      stateOf(each),
      each.probe,
      each.breaker,
      `${each.connections} of ${each.maxConnections}`,
      String(each.weight),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function stateOf({ available, draining, connections, maxConnections }: UpstreamReport): string {
  if (available) return 'available';
  if (draining) return connections > 0 ? 'draining' : 'drained';
  return connections >= maxConnections ? 'full' : 'down';
}
