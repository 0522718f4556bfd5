/** The first wait before a restart, and the longest, in milliseconds. */
export const FIRST_DELAY_MS = 200;
export const LONGEST_DELAY_MS = 10_000;

/** A child that lived this long had started well; its next death counts as the first again. */
export const PROVEN_AFTER_MS = 30_000;

/**
 * How long to wait before the next start of a child that died `deaths` times in a row (from 1): 200 ms, doubled each
 * time up to 10 s, of which between half and all is waited, so that two children that fell together rise apart.
 *
 * @param random in [0, 1)
 */
export function restartDelay(deaths: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(deaths - 1, 30));
  return Math.round(full * (0.5 + random / 2));
}
