/** What decides whether something new may go to an upstream or a backend. */
export interface Availability {
  /** Neither a probe nor the failures of what went there lately speak against it. */
  readonly healthy: boolean;
  /** It has as many connections as it may. */
  readonly full: boolean;
  /** An operator has asked that nothing new goes there. */
  readonly draining: boolean;
}

/** The one predicate: every policy chooses only among what it lets pass. */
export function isAvailable({ healthy, full, draining }: Availability): boolean {
  return healthy && !full && !draining;
}
