import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../../src/client/back-off.ts';

const settings = { firstMs: 250, longestMs: 4_000 };

describe('full jitter', () => {
  it('spreads over the whole range, which doubles and has an end', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999999, noNaN: true }), (attempt, random) => {
        const bound = Math.min(4_000, 250 * 2 ** Math.min(attempt, 20));
        const wait = backOffMs(attempt, random, settings);
        expect(wait).toBe(Math.floor(random * bound));
      }),
    );
    expect(backOffMs(0, 0, settings)).toBe(0);
    expect(backOffMs(3, 0.999999, settings)).toBe(1999);
  });
});
