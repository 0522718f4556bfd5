import { rendezvousOwner } from '../../../protocol/rendezvous.ts';
import type { BalancingPolicy, Candidate } from '../balancing-policy.ts';

/** The same key goes to the same upstream, on every proxy, for as long as that upstream is available. */
export class Rendezvous implements BalancingPolicy {
  choose<Each extends Candidate>(candidates: readonly Each[], key: string): Each | undefined {
    return rendezvousOwner(key, candidates);
  }
}
