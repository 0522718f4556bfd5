import type { Command } from 'commander';
import { askControl } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { runCommand } from '../../process/run-command.ts';
import { dataFolderOf, settingsOptions } from '../../settings/index.ts';

/** `castling reload`: new processes in place of the old ones, while players play on. */
export function registerReload(program: Command): void {
  const command = program
    .command('reload')
    .description(
      'Replace the proxy’s worker processes, one after another, by new ones of the version that is installed now. No ' +
        'connection is refused meanwhile, and players move over by themselves.',
    );
  const sources = settingsOptions(command, ['data']);
  command.action(() =>
    runCommand(async () => {
      const data = await dataFolderOf(sources());
      for await (const answer of askControl('POST /reload', { data })) {
        if ('error' in answer) throw new OperatorError('unavailable', answer.error.message);
        process.stdout.write(`${lineOf(answer.value as { worker: number; pid: number })}\n`);
      }
    }),
  );
}

function lineOf({ worker, pid }: { readonly worker: number; readonly pid: number }): string {
  return `worker ${worker} is new (pid ${pid}), and the one before has ended`;
}
