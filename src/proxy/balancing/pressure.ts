import type { Candidate } from './balancing-policy.ts';

/** How much a candidate would have to do for its weight with one connection more. */
export function pressure({ load, weight }: Candidate): number {
  return (load + 1) / weight;
}
