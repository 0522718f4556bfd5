import type { Command } from 'commander';
import { Option } from 'commander';
import { limits } from '../../../protocol/limits.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { matchTable } from '../match-table.ts';

interface MatchesOptions extends SharedOptions {
  readonly live?: boolean;
  readonly open?: boolean;
  readonly game?: string;
  readonly limit: number;
}

/** `castling matches` */
export function register(program: Command): void {
  const command = program
    .command('matches')
    .description('list your matches, newest first')
    .addOption(new Option('--live', 'public matches that are being played, to watch').conflicts('open'))
    .option('--open', 'public matches with a free seat, to join')
    .option('--game <game>', 'of this game only')
    .addOption(
      new Option('--limit <number>', `how many, at most ${limits.listItems}`)
        .default(20)
        .argParser(readLimit),
    )
    .action((options: MatchesOptions) =>
      runClientCommand(options, (context) => listMatches(context, options)),
    );
  withSharedOptions(command);
}

async function listMatches(context: ClientContext, options: MatchesOptions): Promise<void> {
  const { limit, game } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.listItems) {
    const message = `--limit is a whole number from 1 to ${limits.listItems}.`;
    throw new CliError('usage', message, { exitCode: ClientExit.usage });
  }
  await context.session();
  await context.establishTrust();
  const connection = await context.connect();
  try {
    const filter = options.live ? 'live' : options.open ? 'open' : 'mine';
    const { matches } = await connection.listMatches(
      { filter, limit, ...(game !== undefined && { game }) },
      { patienceMs: 15_000 },
    );
    if (context.json) for (const match of matches) context.report('', { type: 'match', ...match });
    else context.report(matchTable(matches, { filter, now: Date.now() }), {});
  } finally {
    connection.close();
  }
}

function readLimit(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
}
