/** How many values were at most `le`; the last bucket is of `Infinity`. Ascending. */
export interface Bucket {
  readonly le: number;
  readonly count: number;
}

/**
 * The value below which the part `q` (0 to 1) of all lies, by a straight line within its bucket, as Prometheus does it. What lies
 * above the last finite bound is told as that bound. `undefined` when nothing was counted.
 */
export function quantile(q: number, buckets: readonly Bucket[]): number | undefined {
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const bucket = buckets[index];
  if (bucket === undefined) return undefined;
  const before = buckets[index - 1] ?? { le: 0, count: 0 };
  if (bucket.le === Number.POSITIVE_INFINITY) return before.le;
  if (bucket.count === before.count) return bucket.le;
  return before.le + ((bucket.le - before.le) * (rank - before.count)) / (bucket.count - before.count);
}
