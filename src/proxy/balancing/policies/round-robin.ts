import type { BalancingPolicy, Candidate } from '../balancing-policy.ts';

/**
 * One after the other, in proportion to their weights and as evenly as can be: with weights 2, 1, 1 it goes a b a c, not a a b c.
 * Each choice pays every candidate its weight; the richest is taken and pays the whole sum.
 */
export class RoundRobin implements BalancingPolicy {
  readonly #credit = new WeakMap<Candidate, number>();

  choose<Each extends Candidate>(candidates: readonly Each[]): Each | undefined {
    let chosen: Each | undefined;
    let richest = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const candidate of candidates) {
      const credit = (this.#credit.get(candidate) ?? 0) + candidate.weight;
      this.#credit.set(candidate, credit);
      sum += candidate.weight;
      if (credit > richest) {
        chosen = candidate;
        richest = credit;
      }
    }
    if (chosen !== undefined) this.#credit.set(chosen, richest - sum);
    return chosen;
  }
}
