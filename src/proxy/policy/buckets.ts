import { type BucketShape, TokenBucket } from './token-bucket.ts';

/**
 * A bucket for each key, bounded: full ones are forgotten first, since a new one would be the same. Keys are sessions
 * and accounts, which only the accounts' owner can make, so that strangers cannot fill it.
 */
export class Buckets {
  readonly #shape: BucketShape;
  readonly #most: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(shape: BucketShape, most = 100_000) {
    this.#shape = shape;
    this.#most = most;
  }

  get size(): number {
    return this.#buckets.size;
  }

  of(key: string, now: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#most) this.#makeRoom(now);
    const fresh = new TokenBucket(this.#shape, now);
    this.#buckets.set(key, fresh);
    return fresh;
  }

  /** The oldest few are looked at; when none of them is full, the oldest goes all the same. */
  #makeRoom(now: number): void {
    let looked = 0;
    for (const [key, bucket] of this.#buckets) {
      looked += 1;
      if (bucket.isFull(now) || looked === 16) {
        this.#buckets.delete(key);
        return;
      }
    }
  }
}
