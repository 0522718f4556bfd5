import { ClientError } from '../../client-error.ts';
import type { Connection } from '../../connection.ts';
import type { Match } from '../../match.ts';
import { watchConnection } from './connection-notices.ts';
import { whenAborted } from './interrupts.ts';
import { leavingError } from './leaving.ts';
import type { LineReader } from './line-reader.ts';
import type { Presenter } from './presenter.ts';

interface LineGame {
  readonly connection: Connection;
  readonly match: Match;
  readonly presenter: Presenter;
  /** Where a player's moves come from; not read while watching. */
  readonly lines: LineReader;
  readonly readMove: (text: string) => { readonly move: unknown } | { readonly problem: string };
  readonly signal: AbortSignal;
  readonly call: (command: string) => string;
}

/**
 * Follows a match to its end: shows every update, and asks for a move whenever all is shown and it is this seat's turn.
 *
 * @throws CliError when the player leaves; ClientError when the connection ends for good
 */
export async function playByLines(game: LineGame): Promise<void> {
  const { connection, match, presenter, signal } = game;
  const stopNotices = watchConnection(connection, (notice) => presenter.notice(notice));
  const stopPresence = match.presence.subscribe((presence) => presenter.presence(presence));
  const updates = match.updates[Symbol.asyncIterator]();
  const aborted = whenAborted(signal);
  try {
    for (;;) {
      const next = await Promise.race([updates.next(), aborted]);
      if (next === 'aborted') throw leavingError('interrupted', game);
      if (next.done) throw whyEnded(game);
      presenter.updated(next.value);
      const upToDate = next.value.state === match.state;
      if (!upToDate) continue;
      if (match.state.status === 'over') return;
      if (isOurTurn(match)) await playOneMove(game, aborted);
    }
  } finally {
    stopNotices();
    stopPresence();
    await updates.return?.();
  }
}

/** Asks until a move is taken, or the turn is gone for another reason. */
async function playOneMove(game: LineGame, aborted: Promise<'aborted'>): Promise<void> {
  const { match, presenter, lines } = game;
  while (isOurTurn(match)) {
    presenter.askMove();
    const line = await Promise.race([lines.peek(), aborted, turnGone(match)]);
    if (line === 'aborted') throw leavingError('interrupted', game);
    if (typeof line === 'object') return;
    if (line === undefined) throw leavingError('input_ended', game);
    lines.take();
    await tryLine(game, line.trim());
  }
}

async function tryLine({ match, presenter, readMove }: LineGame, text: string): Promise<void> {
  try {
    if (text === 'r' || text === 'resign') {
      await match.resign();
      return;
    }
    const read = readMove(text);
    if ('problem' in read) presenter.refused(read.problem);
    else await match.move(read.move);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'refused') throw error;
    presenter.refused(error.message, error);
  }
}

function isOurTurn({ seat, state, standing }: Match): boolean {
  const { phase } = standing.value;
  const followed = phase === 'current' || phase === 'resuming';
  return followed && seat !== null && state.status === 'playing' && state.turn === seat;
}

/** Resolves to a mark when it stops being this seat's turn: the other player resigned, or the match is lost. */
function turnGone(match: Match): Promise<{ readonly gone: true }> {
  return new Promise((resolve) => {
    const check = () => {
      if (isOurTurn(match)) return;
      stopUpdates();
      stopStanding();
      resolve({ gone: true });
    };
    const stopUpdates = match.updates.subscribe(check);
    const stopStanding = match.standing.subscribe(check);
  });
}

function whyEnded({ connection, match }: LineGame): unknown {
  const standing = match.standing.value;
  if (standing.phase === 'lost') return standing.error;
  const state = connection.state.value;
  return (state.phase === 'closed' ? state.error : undefined) ?? new ClientError('closed');
}
