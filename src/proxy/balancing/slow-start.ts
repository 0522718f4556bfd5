/** The share that an upstream has at the first moment after a recovery: enough to be tried, too little to be knocked over. */
export const leastShare = 0.1;

/**
 * What share of its weight an upstream has some time after it came back: grows evenly from `leastShare` to 1, and never
 * shrinks. A process that has just started has cold caches and no compiled code; its whole share at once may end it again.
 *
 * @param sinceMs milliseconds since the recovery
 * @param overMs milliseconds that the growth takes; 0 for none
 */
export function slowStartShare(sinceMs: number, overMs: number): number {
  if (sinceMs >= overMs) return 1;
  return leastShare + (1 - leastShare) * (Math.max(0, sinceMs) / overMs);
}
