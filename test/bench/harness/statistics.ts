/** What the figures of a bench are made with. */

/** The middle one; of an even number, the mean of the two in the middle. @throws RangeError for none */
export function median(numbers: readonly number[]): number {
  const sorted = ascending(numbers);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** The smallest number that at least the share `q` of all do not exceed (nearest rank). @throws RangeError for none */
export function quantile(sorted: readonly number[], q: number): number {
  const found = sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)];
  if (found === undefined) throw new RangeError('There is no quantile of nothing.');
  return found;
}

/** Least and most. */
export type Spread = readonly [number, number];

export function spread(numbers: readonly number[]): Spread {
  const sorted = ascending(numbers);
  return [quantile(sorted, 0), quantile(sorted, 1)];
}

/**
 * `ours` by `theirs`, round by round: what slows a machine down for seconds slows both halves of a round, so that their ratio
 * holds better than the ratio of two medians.
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) throw new RangeError('Both must have been measured in the same rounds.');
  return ours.map((each, round) => each / (theirs[round] ?? Number.NaN));
}

export function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}
