import type { Command } from 'commander';
import { askControlForAll } from '../../process/control/index.ts';
import { runCommand } from '../../process/run-command.ts';
import { dataFolderOf, settingsOptions } from '../../settings/index.ts';

/** What one process says of itself to `GET /status`. */
export interface ProcessStatus {
  readonly process: string;
  readonly pid: number;
  readonly seconds: number;
  /** Why no player could play now. */
  readonly reasons: readonly string[];
  /** WebSockets, where players are served. */
  readonly sockets?: number;
}

/** `castling status`: what runs here, and whether players can play. */
export function registerStatus(program: Command): void {
  const command = program
    .command('status')
    .description(
      'Show the processes of the Castling that runs on this machine, and whether players can play.',
    )
    .option('--json', 'one JSON object a line');
  const sources = settingsOptions(command, ['data']);
  command.action((flags: { json?: boolean }) =>
    runCommand(async () => {
      const data = await dataFolderOf(sources());
      const all = await askControlForAll<ProcessStatus>('GET /status', { data });
      const lines = all.map((one) => (flags.json ? JSON.stringify(one) : lineOf(one)));
      process.stdout.write(`${lines.join('\n')}\n`);
    }),
  );
}

function lineOf({ process: name, pid, seconds, reasons, sockets }: ProcessStatus): string {
  const state = reasons.length === 0 ? 'ready' : reasons.join('; ');
  const served = sockets === undefined ? '' : `, ${sockets} players’ sockets`;
  return `${name.padEnd(10)} pid ${String(pid).padEnd(8)} up ${lasted(seconds).padEnd(8)} ${state}${served}`;
}

function lasted(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
