import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile, ratios, spread } from '../../bench/harness/statistics.ts';

describe('the statistics of the benchmarks', () => {
  it('take the middle of an odd number, and the mean of the two in the middle of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 4, 100])).toBe(7);
  });

  it('sort by value and not by spelling, and leave what they were given as it was', () => {
    const given = [100, 20, 3];
    expect(median(given)).toBe(20);
    expect(spread(given)).toEqual([3, 100]);
    expect(given).toEqual([100, 20, 3]);
  });

  it('take quantiles by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 0.999)).toBe(100);
    expect(quantile([7], 0)).toBe(7);
  });

  it('have at least the share of all at or below a quantile, whatever the numbers are', () => {
    const numbers = fc.array(fc.integer(), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (sorted, q) => {
        const found = quantile(sorted, q);
        expect(sorted.filter((each) => each <= found).length / sorted.length).toBeGreaterThanOrEqual(q);
      }),
    );
  });

  it('refuse to say anything of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('compare round by round, so that a slow round counts on both sides', () => {
    expect(ratios([10, 40], [20, 80])).toEqual([0.5, 0.5]);
    expect(() => ratios([1], [1, 2])).toThrow(RangeError);
  });
});
