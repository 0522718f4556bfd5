import type { Command } from 'commander';
import { Option } from 'commander';
import type { Connection } from '../../connection.ts';
import { findTerminalGame, type TerminalGame, terminalGameNames } from '../../games/index.ts';
import type { Match } from '../../match.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { visit } from '../guest.ts';
import { choosePaint } from '../paint.ts';
import { choosePresenter, drawsBoard } from '../play/choose-presenter.ts';
import { enterMatch, readMatchReference, type Way } from '../play/enter-match.ts';
import { playInteractively } from '../play/interactive-match.ts';
import { waitInteractively } from '../play/interactive-wait.ts';
import { withInterrupts } from '../play/interrupts.ts';
import { leavingError } from '../play/leaving.ts';
import { LineReader } from '../play/line-reader.ts';
import { playByLines } from '../play/play-by-lines.ts';

interface PlayOptions extends SharedOptions {
  readonly create?: boolean;
  readonly public?: boolean;
  readonly join?: string;
  readonly plain?: boolean;
  readonly guest?: boolean;
  readonly guestName?: string;
}

const help = `
In a terminal the board is drawn in place: arrows and Enter, or the digits 1 to 9, choose a square.
Piped, or with --plain, moves are lines of standard input: a digit from 1 to 9 (1 is top left, 9 is bottom
right), or "resign". A refused move says why on standard error and is asked for again.

Examples:
  castling play tic-tac-toe                   play with whoever comes next
  castling play tic-tac-toe --guest           the same, without an account
  castling play tic-tac-toe --create          invite someone: prints a code
  castling play tic-tac-toe --join AB23CD45   accept an invitation, or come back to your seat
  printf '5\\n1\\n9\\n' | castling play tic-tac-toe`;

/** `castling play GAME` */
export function register(program: Command): void {
  const command = program
    .command('play')
    .description('play a match to its end')
    .argument('<game>', `the game: ${terminalGameNames().join(', ')}`)
    .addOption(new Option('--create', 'open a match and print its invite code').conflicts('join'))
    .option('--public', 'with --create: list the match, so that anybody may join and watch')
    .option('--join <code>', 'take the seat that an invite code or a match id names, or come back to yours')
    .option('--plain', 'no drawing: a transcript of lines, for pipes and screen readers')
    .option('--guest', 'play without an account, which you can make of it later with `register`')
    .option('--guest-name <name>', 'the same, under a name of your choice')
    .addHelpText('after', help)
    .action((game: string, options: PlayOptions) =>
      runClientCommand(options, (context) => play(context, { ...options, game })),
    );
  withSharedOptions(command);
}

async function play(context: ClientContext, options: PlayOptions & { readonly game: string }): Promise<void> {
  const way = chooseWay(options);
  const game = findTerminalGame(options.game);
  if (game === undefined) {
    const message = `There is no game ${options.game.slice(0, 40)} here; there is: ${terminalGameNames().join(', ')}.`;
    throw new CliError('game_unknown', message, { exitCode: ClientExit.usage });
  }
  const { guest = false, guestName: name, as } = options;
  const isGuest = guest || name !== undefined;
  if (!isGuest) await context.session();
  await context.establishTrust();
  if (isGuest) await visit(context, { name, as });
  const isDrawn = drawsBoard(context, options);
  await withInterrupts(async (signal) => {
    const connection = await context.connect();
    try {
      if (isDrawn) await playDrawn(context, { connection, way, game, signal });
      else await playLines(context, { connection, way, game, signal });
    } finally {
      connection.close();
    }
  });
}

function chooseWay({ game, create, join, public: isPublic }: PlayOptions & { readonly game: string }): Way {
  if (join !== undefined) return { kind: 'join', which: readMatchReference(join) };
  if (create) return { kind: 'create', game, visibility: isPublic ? 'public' : 'private' };
  if (isPublic) {
    throw new CliError('usage', '--public belongs to --create; a quick match is public anyway.', {
      exitCode: ClientExit.usage,
    });
  }
  return { kind: 'find', game };
}

interface PlayState {
  readonly connection: Connection;
  readonly way: Way;
  readonly game: TerminalGame;
  readonly signal: AbortSignal;
}

async function playLines(
  context: ClientContext,
  { connection, way, game, signal }: PlayState,
): Promise<void> {
  const { terminal, call } = context;
  const presenter = choosePresenter(context, game);
  if (way.kind === 'find') presenter.waiting();
  const match = await enterMatch(connection, { way, signal }).catch((error: unknown) => {
    throw signal.aborted ? leavingError('interrupted', { match: undefined, call }) : error;
  });
  presenter.entered(match);
  const lines = new LineReader(terminal.stdin);
  try {
    await playByLines({ connection, match, presenter, lines, signal, call, readMove: game.readMove });
  } catch (error) {
    await takeBackInvitation(match);
    throw error;
  } finally {
    lines.close();
  }
}

async function playDrawn(
  context: ClientContext,
  { connection, way, game, signal }: PlayState,
): Promise<void> {
  const { terminal, call } = context;
  const paint = choosePaint(terminal);
  const entered = await waitInteractively({
    connection,
    terminal,
    paint,
    signal,
    heading: way.kind === 'find' ? 'Waiting for an opponent...' : 'One moment...',
    enter: (given) => enterMatch(connection, { way, signal: given }),
  });
  if (entered === 'quit' || entered === 'interrupted') {
    throw leavingError(entered === 'quit' ? 'left' : 'interrupted', { match: undefined, call });
  }
  let match = entered;
  for (;;) {
    const end = await playInteractively({ connection, match, game, terminal, paint, signal });
    if (end.kind === 'next') {
      match = await connection.joinMatch({ match: end.match });
      continue;
    }
    const isOver = match.state.status === 'over';
    await takeBackInvitation(match);
    if (end.kind === 'quit' && isOver) return;
    throw leavingError(end.kind === 'quit' ? 'left' : 'interrupted', { match, call });
  }
}

/** A match that nobody has joined ends when its creator goes; a seat in play is kept by simply going. */
async function takeBackInvitation(match: Match): Promise<void> {
  if (match.state.status !== 'waiting') return;
  await match.leave({ patienceMs: 2_000 }).catch(() => {});
}
