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
import { choosePresenter, drawsBoard } from '../play/choose-presenter.ts';
import { readMatchReference } from '../play/enter-match.ts';
import { playInteractively } from '../play/interactive-match.ts';
import { withInterrupts } from '../play/interrupts.ts';
import { leavingError } from '../play/leaving.ts';
import { LineReader } from '../play/line-reader.ts';
import { playByLines } from '../play/play-by-lines.ts';

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
  const which = readMatchReference(options.match);
  await context.session();
  await context.establishTrust();
  const isDrawn = drawsBoard(context, options);
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
  const { terminal, call } = context;
  const presenter = choosePresenter(context, game);
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
