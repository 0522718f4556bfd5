import { LeastConnections } from './policies/least-connections.ts';
import { RandomOfTwo } from './policies/random-of-two.ts';
import { Rendezvous } from './policies/rendezvous.ts';
import { RoundRobin } from './policies/round-robin.ts';

/** What a policy sees of an upstream. */
export interface Candidate {
  readonly id: string;
  /** Its share, relative to the others': above 0. Smaller for a while after a recovery. */
  readonly weight: number;
  /** Connections or requests that it has now. */
  readonly load: number;
}

/** Chooses one of the candidates, all of which are available. */
export interface BalancingPolicy {
  /**
   * @param key what should stay together: a match, a player, a session. Policies that do not keep anything together ignore it.
   * @returns `undefined` only for an empty list.
   */
  choose<Each extends Candidate>(candidates: readonly Each[], key: string): Each | undefined;
}

export const balancingPolicies = ['rendezvous', 'least-connections', 'random-of-two', 'round-robin'] as const;

export type BalancingPolicyName = (typeof balancingPolicies)[number];

/** @param random from 0 up to, not including, 1 */
export function balancingPolicy(
  name: BalancingPolicyName,
  random: () => number = Math.random,
): BalancingPolicy {
  switch (name) {
    case 'rendezvous':
      return new Rendezvous();
    case 'least-connections':
      return new LeastConnections(random);
    case 'random-of-two':
      return new RandomOfTwo(random);
    case 'round-robin':
      return new RoundRobin();
  }
}
