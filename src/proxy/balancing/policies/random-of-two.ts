import type { BalancingPolicy, Candidate } from '../balancing-policy.ts';
import { pressure } from '../pressure.ts';

/**
 * Two drawn by weight, the one with less to do taken (Mitzenmacher 2001). Nearly as even as the least loaded of all, and
 * many proxies that see old numbers do not all run to the same upstream.
 */
export class RandomOfTwo implements BalancingPolicy {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  choose<Each extends Candidate>(candidates: readonly Each[]): Each | undefined {
    const first = this.#draw(candidates);
    if (first === undefined || candidates.length === 1) return first;
    const second = this.#draw(candidates.filter((candidate) => candidate !== first));
    return second !== undefined && pressure(second) < pressure(first) ? second : first;
  }

  #draw<Each extends Candidate>(candidates: readonly Each[]): Each | undefined {
    let left = this.#random() * candidates.reduce((sum, { weight }) => sum + weight, 0);
    for (const candidate of candidates) {
      left -= candidate.weight;
      if (left < 0) return candidate;
    }
    // Sums of fractions may end a little above 0.
    return candidates.at(-1);
  }
}
