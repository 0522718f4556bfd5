export interface BucketShape {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens at rest. */
  readonly burst: number;
}

const epsilon = 1e-9;

/** A token bucket on a monotonic clock in milliseconds. Counts how often it said no since it was last full. */
export class TokenBucket {
  readonly #shape: BucketShape;
  #tokens: number;
  #at: number;
  #refused = 0;

  constructor(shape: BucketShape, now: number) {
    this.#shape = shape;
    this.#tokens = shape.burst;
    this.#at = now;
  }

  /** Refusals since the bucket was last full: how far beyond the rate its owner goes. */
  get refused(): number {
    return this.#refused;
  }

  /** Takes one token; gives 0, or the milliseconds until there is one. */
  take(now: number): number {
    this.#fill(now);
    // Who waited as long as told must not fail by a rounding error.
    if (this.#tokens >= 1 - epsilon) {
      this.#tokens = Math.max(0, this.#tokens - 1);
      return 0;
    }
    this.#refused += 1;
    return Math.ceil(((1 - this.#tokens) / this.#shape.perSecond) * 1000);
  }

  /** Whether all tokens are back: then it remembers nothing and may be thrown away. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#shape.burst;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#shape;
    // A clock that goes back gives nothing.
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(burst, this.#tokens + (elapsed / 1000) * perSecond);
    if (this.#tokens >= burst) this.#refused = 0;
  }
}
