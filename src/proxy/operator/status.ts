import type { Command } from 'commander';
import { askControl, type ControlAnswer, type ProcessStatus } from '../../process/control/index.ts';
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
      const inWords = flags.json ? jsonOf : lineOf;
      for await (const answer of askControl('GET /status', { data }))
        process.stdout.write(`${inWords(answer)}\n`);
    }),
  );
}

function jsonOf(answer: ControlAnswer): string {
  return JSON.stringify('value' in answer ? answer.value : { process: answer.from, error: answer.error });
}

function lineOf(answer: ControlAnswer): string {
  if ('error' in answer) return `${answer.from.padEnd(13)} ${answer.error.message}`;
  const { process: name, pid, seconds, reasons, sockets } = answer.value as ProcessStatus;
  const state = reasons.length === 0 ? 'ready' : reasons.join('; ');
  const served = sockets === undefined ? '' : `, ${sockets} players’ sockets`;
  return `${name.padEnd(13)} pid ${String(pid).padEnd(8)} up ${lasted(seconds).padEnd(8)} ${state}${served}`;
}
