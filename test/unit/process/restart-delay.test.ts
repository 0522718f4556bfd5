import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_DELAY_MS, LONGEST_DELAY_MS, restartDelay } from '../../../src/process/restart-delay.ts';

describe('restartDelay', () => {
  it('doubles from 200 ms to 10 s', () => {
    const largest = [1, 2, 3, 4, 5, 6, 7, 8].map((deaths) => restartDelay(deaths, 0.999_999));
    expect(largest).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it('stays between half of the first delay and the longest, after any number of deaths', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (deaths, chance) => {
        const delay = restartDelay(deaths, chance);
        return delay >= FIRST_DELAY_MS / 2 && delay <= LONGEST_DELAY_MS;
      }),
    );
  });
});
