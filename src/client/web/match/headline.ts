import type { MatchResult, Seat } from '../../../protocol/player-messages.ts';
import type { MatchState } from '../../match-state.ts';
import type { Words } from '../words/words.ts';

/** How the match stands, in a few words, for one reader. */
export interface Headline {
  readonly text: string;
  /** Why it ended; empty while it has not. */
  readonly reason: string;
  readonly tone: 'yours' | 'theirs' | 'won' | 'lost' | 'drawn' | 'waiting';
}

export interface Reader {
  /** The reader's seat, or null for a spectator. */
  readonly seat: Seat | null;
  readonly words: Words;
}

export function headlineOf(state: MatchState, { seat, words }: Reader): Headline {
  const texts = words.match;
  if (state.result) return ended(state, state.result, { seat, words });
  if (state.status === 'waiting' || state.turn === null) {
    return { text: texts.waitingToStart, reason: '', tone: 'waiting' };
  }
  const name = nameOf(state, state.turn, words);
  if (seat === null) return { text: texts.moveOf(name), reason: '', tone: 'theirs' };
  if (state.turn === seat) return { text: texts.yourMove, reason: '', tone: 'yours' };
  return { text: texts.theirMove(name), reason: '', tone: 'theirs' };
}

/** The name of whoever holds the seat, or words for a free one. */
export function nameOf(state: Pick<MatchState, 'seats'>, seat: Seat, words: Words): string {
  const { name, guest } = state.seats.find((each) => each.seat === seat) ?? {};
  if (name === undefined || name === null) return words.match.emptySeat;
  return guest ? words.match.guestNamed(name) : name;
}

function ended(state: MatchState, result: MatchResult, { seat, words }: Reader): Headline {
  const texts = words.match;
  switch (result.kind) {
    case 'drawn':
      return { text: texts.drawn, reason: reasonOf(state, result, { seat, words }), tone: 'drawn' };
    case 'cancelled':
      return { text: texts.cancelled, reason: reasonOf(state, result, { seat, words }), tone: 'drawn' };
    case 'won': {
      const name = nameOf(state, result.seat, words);
      const reason = reasonOf(state, result, { seat, words });
      if (seat === null) return { text: texts.won(name), reason, tone: 'drawn' };
      if (result.seat === seat) return { text: texts.youWon, reason, tone: 'won' };
      return { text: texts.youLost(name), reason, tone: 'lost' };
    }
  }
}

/** Reasons of games that are newer than this page have no words here; then none is better than a code. */
function reasonOf(state: MatchState, result: MatchResult, { seat, words }: Reader): string {
  const { reasons } = words.match;
  if (result.reason === 'resigned' && result.kind === 'won') {
    const loser = state.seats.find((each) => each.seat !== result.seat)?.seat ?? 0;
    return loser === seat ? reasons.youResigned : reasons.resigned(nameOf(state, loser, words));
  }
  switch (result.reason) {
    case 'line':
    case 'board_full':
    case 'agreed':
    case 'abandoned':
    case 'left':
      return reasons[result.reason];
    default:
      return '';
  }
}
