import type { Command } from 'commander';
import { askControlForAll } from '../../../process/control/index.ts';
import { dataFolder } from '../../../process/folders.ts';
import { runCommand } from '../../../process/run-command.ts';
import type { PurgeReport } from './cache-control-route.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `castling cache`: what an operator does about the answers that `http` routes keep. */
export function registerCache(program: Command): void {
  program
    .command('cache')
    .description('Look after the answers that http routes keep.')
    .command('purge <route> [prefix]')
    .description('forget the kept answers of a route, or of its addresses that begin so, such as /games/')
    .option('--data <dir>', 'folder of the databases (environment: CASTLING_DATA)')
    .option('--json', 'one JSON object a line')
    .action((route: string, prefix: string | undefined, flags: Flags) =>
      runCommand(async () => {
        const body = { route, prefix: prefix ?? '' };
        const data = dataFolder(flags.data);
        const reports = await askControlForAll<PurgeReport>('POST /cache/purge', { data, body });
        const forgotten = reports.reduce((total, each) => total + each.forgotten, 0);
        process.stdout.write(
          flags.json
            ? `${JSON.stringify({ route, forgotten })}\n`
            : `${forgotten} kept ${forgotten === 1 ? 'answer' : 'answers'} forgotten.\n`,
        );
      }),
    );
}
