import type { Command } from 'commander';
import { askControlForAll, type ProcessStatus } from '../../process/control/index.ts';
import { runCommand } from '../../process/run-command.ts';
import { dataFolderOf, settingsOptions } from '../../settings/index.ts';
import { lasted } from './lasted.ts';

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
  return `${name.padEnd(13)} pid ${String(pid).padEnd(8)} up ${lasted(seconds).padEnd(8)} ${state}${served}`;
}
