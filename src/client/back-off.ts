export interface BackOffSettings {
  /** Milliseconds: the longest first wait, and the longest wait of all. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before trying again: "full jitter", a random part of a bound that doubles with every attempt.
 * After a server's restart its clients then come back spread over time instead of in one wave.
 *
 * @param attempt failed attempts so far, from 0.
 * @param random from 0 up to, not including, 1.
 */
export function backOffMs(attempt: number, random: number, { firstMs, longestMs }: BackOffSettings): number {
  const bound = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random * bound);
}
