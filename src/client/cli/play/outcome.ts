import { printable } from '../../../process/printable.ts';
import type { MatchResult, Seat } from '../../../protocol/player-messages.ts';
import type { MatchState } from '../../match-state.ts';

/** How a match ended for whoever looks. */
export type Outcome = 'won' | 'lost' | 'drawn' | 'cancelled' | 'watched';

export function outcomeFor(result: MatchResult, seat: Seat | null): Outcome {
  switch (result.kind) {
    case 'cancelled':
      return 'cancelled';
    case 'drawn':
      return seat === null ? 'watched' : 'drawn';
    case 'won':
      if (seat === null) return 'watched';
      return result.seat === seat ? 'won' : 'lost';
  }
}

/** A player's name, safe to print and short enough for a narrow terminal. */
export function nameOfSeat({ seats }: Pick<MatchState, 'seats'>, seat: Seat): string {
  const { name, guest } = seats.find((each) => each.seat === seat) ?? {};
  if (name === null || name === undefined) return '(free seat)';
  const characters = [...printable(name)];
  const short = characters.length <= 20 ? characters.join('') : `${characters.slice(0, 19).join('')}~`;
  return guest ? `${short} (guest)` : short;
}

/** Why it ended, in words after the verdict; empty when there is nothing to add. */
export function describeReason({ reason }: MatchResult): string {
  switch (reason) {
    case 'line':
      return 'a full line';
    case 'board_full':
      return 'the board is full';
    case 'resigned':
      return 'by resignation';
    case 'agreed':
      return 'agreed';
    case 'abandoned':
      return 'the other player is gone';
    default:
      return printable(reason.slice(0, 30));
  }
}
