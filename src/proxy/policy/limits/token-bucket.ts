export interface BucketShape {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens at rest. */
  readonly burst: number;
}

const epsilon = 1e-9;

/**
 * A token bucket on a monotonic clock in milliseconds. It keeps the level only and is told its shape each time, so that a
 * change of settings changes the shape of every bucket at once and empties or fills none.
 */
export class TokenBucket {
  #tokens: number;
  #at: number;

  constructor(shape: BucketShape, now: number) {
    this.#tokens = shape.burst;
    this.#at = now;
  }

  /** Milliseconds until there are `cost` tokens; 0 when there are. `cost` is at most the burst: more never comes. */
  wait(shape: BucketShape, now: number, cost = 1): number {
    this.#fill(shape, now);
    const missing = cost - this.#tokens;
    // Who waited as long as told must not fail by a rounding error.
    return missing <= epsilon ? 0 : Math.ceil((missing / shape.perSecond) * 1000);
  }

  /** Takes what `wait` said is there. */
  take(cost = 1): void {
    this.#tokens = Math.max(0, this.#tokens - cost);
  }

  /** Takes what is not there: the bucket may go as far below zero as it holds above. */
  owe(shape: BucketShape, cost = 1): void {
    this.#tokens = Math.max(-shape.burst, this.#tokens - cost);
  }

  /** What is in it; below zero when it is owed. */
  level(shape: BucketShape, now: number): number {
    this.#fill(shape, now);
    return this.#tokens;
  }

  /** Tokens that `owe` can still take. */
  credit(shape: BucketShape, now: number): number {
    return this.level(shape, now) + shape.burst;
  }

  /** Milliseconds until all tokens are back. Then it remembers nothing, and may be thrown away. */
  untilFull(shape: BucketShape, now: number): number {
    return this.wait(shape, now, shape.burst);
  }

  #fill({ perSecond, burst }: BucketShape, now: number): void {
    // A clock that goes back gives nothing.
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(burst, this.#tokens + (elapsed / 1000) * perSecond);
  }
}
