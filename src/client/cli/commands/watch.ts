import type { Command } from 'commander';
import type { Connection } from '../../connection.ts';
import { findTerminalGame, type TerminalGame } from '../../games/index.ts';
import type { Match } from '../../match.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { choosePaint } from '../paint.ts';
import { readMatchReference } from '../play/enter-match.ts';
import { playInteractively } from '../play/interactive-match.ts';
import { withInterrupts } from '../play/interrupts.ts';
import { JsonPresenter } from '../play/json-presenter.ts';
import { leavingError } from '../play/leaving.ts';
import { LineReader } from '../play/line-reader.ts';
import { playByLines } from '../play/play-by-lines.ts';
import { TranscriptPresenter } from '../play/transcript-presenter.ts';

interface WatchOptions extends SharedOptions {
  readonly plain?: boolean;
}

const help = `
Examples:
  castling matches --live       what there is to watch
  castling watch m_Zk3vX0q9TtYw1aBc
  castling watch AB23CD45       a private match, by its invite code`;

/** `castling watch MATCH` */
export function register(program: Command): void {
  const command = program
    .command('watch')
    .description('watch a match live, from its first move')
    .argument('<match>', 'a match id, or the invite code of a private match')
    .option('--plain', 'no drawing: a transcript of lines, for pipes and screen readers')
    .addHelpText('after', help)
    .action((match: string, options: WatchOptions) =>
      runClientCommand(options, (context) => watch(context, { ...options, match })),
    );
  withSharedOptions(command);
}

async function watch(
  context: ClientContext,
  options: WatchOptions & { readonly match: string },
): Promise<void> {
  const { terminal, json } = context;
  const which = readMatchReference(options.match);
  await context.session();
  await context.establishTrust();
  const isDrawn = !json && !options.plain && terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
  await withInterrupts(async (signal) => {
    const connection = await context.connect();
    try {
      const match = await connection.watchMatch(which, { patienceMs: 30_000 });
      const game = findTerminalGame(match.game);
      if (game === undefined) {
        const message = `This client cannot draw ${match.game}; it may be too old for that server.`;
        throw new CliError('game_unknown', message, { exitCode: ClientExit.refused });
      }
      const watched = { connection, match, game, signal };
      if (isDrawn) await watchDrawn(context, watched);
      else await watchLines(context, watched);
    } finally {
      connection.close();
    }
  });
}

interface Watched {
  readonly connection: Connection;
  readonly match: Match;
  readonly game: TerminalGame;
  readonly signal: AbortSignal;
}

async function watchLines(
  context: ClientContext,
  { connection, match, game, signal }: Watched,
): Promise<void> {
  const { terminal, json, call } = context;
  const presenter = json
    ? new JsonPresenter(terminal.stdout)
    : new TranscriptPresenter({ terminal, game, call });
  presenter.entered(match);
  const lines = new LineReader(terminal.stdin);
  try {
    await playByLines({ connection, match, presenter, lines, signal, call, readMove: game.readMove });
  } finally {
    lines.close();
  }
}

async function watchDrawn(
  context: ClientContext,
  { connection, match, game, signal }: Watched,
): Promise<void> {
  const { terminal, call } = context;
  const paint = choosePaint(terminal);
  const end = await playInteractively({ connection, match, game, terminal, paint, signal });
  if (end.kind === 'interrupted') throw leavingError('interrupted', { match, call });
}
