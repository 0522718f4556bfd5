import type { BalancingPolicy, Candidate } from '../balancing-policy.ts';
import { pressure } from '../pressure.ts';

/** The upstream that would have the least to do for its weight; among equals, any. */
export class LeastConnections implements BalancingPolicy {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  choose<Each extends Candidate>(candidates: readonly Each[]): Each | undefined {
    let chosen: Each | undefined;
    let least = Number.POSITIVE_INFINITY;
    let equals = 0;
    for (const candidate of candidates) {
      const its = pressure(candidate);
      if (its > least) continue;
      equals = its < least ? 1 : equals + 1;
      least = its;
      // Without the draw, all proxies that start together would send their first connection to the same one.
      if (this.#random() * equals < 1) chosen = candidate;
    }
    return chosen;
  }
}
