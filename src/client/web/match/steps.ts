import type { Seat } from '../../../protocol/player-messages.ts';
import type { MatchUpdate } from '../../match.ts';

/** One position of a match: the state after a move, or the first one known. */
export interface Step {
  /** In the game's own form. */
  readonly state: unknown;
  /** What led here; absent for the first position, and after a gap that a snapshot closed. */
  readonly moved?: { readonly seat: Seat; readonly move: unknown; readonly at: number };
}

/** The positions of a match in order. The first is the position from which the story is known here. */
export function stepsOf(updates: readonly MatchUpdate[]): readonly Step[] {
  const steps: Step[] = [];
  for (const update of updates) {
    if (update.kind === 'snapshot') {
      // One that only repeats the position (a draw offer was missed, say) is no new one.
      if (JSON.stringify(steps.at(-1)?.state) !== JSON.stringify(update.state.state)) {
        steps.push({ state: update.state.state });
      }
    } else if (update.event.type === 'started') {
      // The empty board before the second player came is the same board.
      steps.splice(0, steps.length, { state: update.event.state });
    } else if (update.event.type === 'moved') {
      const { seat, move, at, state } = update.event;
      steps.push({ state, moved: { seat, move, at } });
    }
  }
  return steps.length > 0 ? steps : [{ state: null }];
}
