import { type Refusal, refusals } from '../../../protocol/refusals.ts';

/**
 * Lets the move of the seat whose turn it is pass every budget (promise 10): one for each sequence. The proxy knows the turn,
 * and only the backend knows what is legal. So a move that was refused for its content is paid for after the fact, and the
 * pass is there again for the next try, while there is credit.
 *
 * ```
 *   ready ──claimed──▶ out ──logged──▶ the sequence moves on: ready for the next turn
 *     ▲                 │
 *     └─refused: paid───┘   (not paid when nobody was at fault: the backend was away)
 * ```
 */
export class TurnPass {
  #outFor: number | undefined;

  /** False when a move for this sequence is on its way already. */
  claim(seq: number): boolean {
    if (this.#outFor === seq) return false;
    this.#outFor = seq;
    return true;
  }

  /** The move was not made. Gives whether it must be paid for. */
  returned(seq: number, { code }: Refusal): boolean {
    if (this.#outFor === seq) this.#outFor = undefined;
    return !refusals[code].retryable;
  }
}
