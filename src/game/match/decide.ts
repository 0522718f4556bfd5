/**
 * What a command leads to, as a pure function of the match's state. The order of the checks is part of the
 * contract, since the first that fails names the refusal:
 *
 *  1. the caller may know of the match                              match_unknown · not_seated
 *  2. the command id is new; the same command gets its answer again command_conflict
 *  3. the seat that the command names is the caller's               not_your_seat
 *  4. the match is in the right phase                               match_not_started · match_over · …
 *  5. the sequence is the next one                                  stale_sequence · sequence_ahead
 *  6. it is the caller's turn                                       not_your_turn
 *  7. there is room in the log                                      match_too_long
 *  8. the move is one of this game                                  move_malformed · move_out_of_range
 *  9. the rules allow it here                                       move_occupied · move_illegal
 *
 * The second comes before all that may change with time, so that an unchanged resend always gets its first
 * answer. The fifth comes before the sixth, because who is behind has a wrong idea of the turn, too, and
 * needs the missed events first.
 */
import type { CommandId, MatchId, Pseudonym } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Refusal, type RefusalCode, refuse } from '../../protocol/refusals.ts';
import type { Game } from '../rules/index.ts';
import type { MatchCommand } from './command.ts';
import type { Cause, Happening } from './logged-event.ts';
import { type MatchState, seatOf } from './match-state.ts';
import { takeSeat } from './open-match.ts';

export type Decision =
  /** Log these, together. The first is the answer. `next` names a match to be opened with them. */
  | { readonly kind: 'happens'; readonly happenings: readonly Happening[]; readonly next?: MatchId }
  /** The event at `seq` answered this command before. */
  | { readonly kind: 'happened'; readonly seq: number }
  /** Lawful, and there is nothing to do. */
  | { readonly kind: 'nothing' }
  /** `missedFrom`: the refusal should carry the events from this sequence on. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly missedFrom?: number };

/** What a match remembers of a command that it has obeyed. */
export interface ObeyedCommand {
  readonly seq: number;
  readonly digest: string;
}

export interface DecisionContext {
  readonly game: Game;
  readonly obeyed: (player: Pseudonym, command: CommandId) => ObeyedCommand | undefined;
}

/** Events at the end of a log that are kept free for ending the match and agreeing on the next. */
export const reservedEvents = 8;

/** Gives the decision; never changes anything. Throws only what the rules throw. */
export function decide(state: MatchState, command: MatchCommand, context: DecisionContext): Decision {
  const { cause } = command;
  const seat = seatOf(state, cause.player);
  const mayKnow = seat !== undefined || state.visibility === 'public' || mayPass(command);
  if (!mayKnow) return no('match_unknown');

  const before = context.obeyed(cause.player, cause.command);
  if (before !== undefined) {
    return before.digest === cause.digest
      ? { kind: 'happened', seq: before.seq }
      : no('command_conflict', { rule: 'match.command-id' });
  }
  if (command.type === 'join') {
    return seat === undefined ? join(state, command, context.game) : { kind: 'nothing' };
  }
  if (command.type === 'leave') return leave(state, seat, cause);
  if (seat === undefined) return no('not_seated');
  if ('seat' in command && command.seat !== undefined && command.seat !== seat) return no('not_your_seat');

  switch (command.type) {
    case 'move':
      return move(state, { command, seat, game: context.game });
    case 'resign':
      return (
        notPlaying(state) ??
        happens(
          { type: 'resigned', seat, cause },
          { type: 'ended', result: { kind: 'won', seat: 1 - seat, reason: 'resigned' } },
        )
      );
    case 'offerDraw':
      return offerDraw(state, seat, cause);
    case 'answerDraw':
      return answerDraw(state, { command, seat });
    case 'offerRematch':
      return offerRematch(state, { command, seat });
  }
}

/** An invite code opens a private match; and to leave one that is not one's own tells nothing. */
function mayPass(command: MatchCommand): boolean {
  return command.type === 'leave' || (command.type === 'join' && command.invited);
}

function join(state: MatchState, command: MatchCommand & { type: 'join' }, game: Game): Decision {
  if (state.status === 'over') return no('match_over');
  const seat = state.seats.indexOf(null);
  if (seat === -1) return no('match_full');
  if (!command.mayTakeSeat) return no('too_many_matches', { rule: 'player.open-matches' });
  const { player, cause } = { player: command.cause.player, cause: command.cause };
  const isLast = state.seats.filter((holder) => holder === null).length === 1;
  return happens(...takeSeat({ game, seat, entrant: { player, cause }, isLast }));
}

/** A match that waits, and holds nobody but the one who leaves, is cancelled; a seat in play is kept. */
function leave(state: MatchState, seat: number | undefined, cause: Cause): Decision {
  const others = state.seats.some((holder) => holder !== null && holder !== cause.player);
  if (seat === undefined || state.status !== 'waiting' || others) return { kind: 'nothing' };
  return happens({ type: 'ended', result: { kind: 'cancelled', reason: 'left' }, cause });
}

function move(
  state: MatchState,
  {
    command,
    seat,
    game,
  }: { readonly command: MatchCommand & { type: 'move' }; readonly seat: number; readonly game: Game },
): Decision {
  const phase = notPlaying(state);
  if (phase) return phase;
  if (command.seq <= state.seq) {
    return { kind: 'refused', refusal: refuse('stale_sequence'), missedFrom: Math.max(command.seq, 1) };
  }
  if (command.seq > state.seq + 1) return no('sequence_ahead');
  if (state.turn !== seat) return no('not_your_turn');
  if (tooLong(state)) return no('match_too_long');
  if (Buffer.byteLength(JSON.stringify(command.move)) > limits.moveBytes) return no('move_malformed');
  const parsed = game.parse(command.move);
  if ('refused' in parsed) return no(parsed.refused, parsed);
  const played = game.play({ state: state.whole, seat, move: parsed.move });
  if ('refused' in played) return no(played.refused, played);
  const whole = played.state;
  const outcome = game.outcome(whole);
  const turn = outcome === null ? game.turn(whole) : null;
  const moved: Happening = { type: 'moved', seat, move: parsed.move, whole, turn, cause: command.cause };
  return outcome === null ? happens(moved) : happens(moved, { type: 'ended', result: outcome });
}

/** To offer while the opponent's offer is open is to accept it. */
function offerDraw(state: MatchState, seat: number, cause: Cause): Decision {
  const phase = notPlaying(state);
  if (phase) return phase;
  if (state.drawOffer === seat) return no('draw_already_offered');
  if (state.drawOffer !== null) return agree(seat, cause);
  if (tooLong(state)) return no('match_too_long');
  return happens({ type: 'drawOffered', seat, cause });
}

function answerDraw(
  state: MatchState,
  { command, seat }: { readonly command: MatchCommand & { type: 'answerDraw' }; readonly seat: number },
): Decision {
  const phase = notPlaying(state);
  if (phase) return phase;
  if (state.drawOffer === null || state.drawOffer === seat) return no('draw_not_offered');
  if (command.accept) return agree(seat, command.cause);
  return happens({ type: 'drawDeclined', seat, cause: command.cause });
}

function agree(seat: number, cause: Cause): Decision {
  return happens(
    { type: 'drawAccepted', seat, cause },
    { type: 'ended', result: { kind: 'drawn', reason: 'agreed' } },
  );
}

function offerRematch(
  state: MatchState,
  { command, seat }: { readonly command: MatchCommand & { type: 'offerRematch' }; readonly seat: number },
): Decision {
  if (state.status !== 'over') return no('match_not_over');
  if (state.seats.includes(null))
    return no('match_over', { reason: 'The match never began; create a new one.' });
  if (state.rematchOffers.includes(seat)) return no('rematch_already_offered');
  if (!command.mayTakeSeat) return no('too_many_matches', { rule: 'player.open-matches' });
  const offered: Happening = { type: 'rematchOffered', seat, cause: command.cause };
  const isLast = state.rematchOffers.length === state.seats.length - 1;
  if (!isLast) return happens(offered);
  if (!command.othersMayTakeSeat) {
    const reason = 'Another player of this match holds seats in too many open matches; offer again later.';
    return no('too_many_matches', { reason, rule: 'player.open-matches' });
  }
  const happenings = [offered, { type: 'rematchAgreed', next: command.next }] as const;
  return { kind: 'happens', happenings, next: command.next };
}

function notPlaying(state: MatchState): Decision | undefined {
  if (state.status === 'waiting') return no('match_not_started');
  return state.status === 'over' ? no('match_over') : undefined;
}

function tooLong(state: MatchState): boolean {
  return state.seq >= limits.matchEvents - reservedEvents;
}

function happens(...happenings: readonly Happening[]): Decision {
  return { kind: 'happens', happenings };
}

function no(code: RefusalCode, { reason, rule }: { reason?: string; rule?: string } = {}): Decision {
  return { kind: 'refused', refusal: refuse(code, { ...(reason && { reason }), ...(rule && { rule }) }) };
}
