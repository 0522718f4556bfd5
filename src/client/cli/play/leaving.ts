import type { Match } from '../../match.ts';
import { CliError } from '../cli-error.ts';
import { ClientExit } from '../client-exit.ts';

export type LeavingReason = 'interrupted' | 'left' | 'input_ended';

/** The sentence and the exit code for going away from a match before its end. */
export function leavingError(
  reason: LeavingReason,
  options: { readonly match: Match | undefined; readonly call: (command: string) => string },
): CliError {
  const exitCode = reason === 'interrupted' ? ClientExit.interrupted : ClientExit.left;
  return new CliError(reason, leavingSentence(reason, options), { exitCode });
}

function leavingSentence(
  reason: LeavingReason,
  { match, call }: { readonly match: Match | undefined; readonly call: (command: string) => string },
): string {
  const why = reason === 'input_ended' ? 'The input has ended' : 'You left';
  if (match === undefined) return `${why}; nobody waits for you.`;
  if (match.seat === null || match.state.status === 'over') return `${why}.`;
  if (match.state.status === 'waiting') return `${why}; the invitation was taken back.`;
  return `${why}; the match goes on and your seat is kept. Come back: ${call(`play ${match.game} --join ${match.id}`)}`;
}
