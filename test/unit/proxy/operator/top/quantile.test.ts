import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../../../src/proxy/operator/top/quantile.ts';

const top = Number.POSITIVE_INFINITY;

describe('a quantile of a histogram', () => {
  it('lies on the straight line within its bucket', () => {
    const buckets = [
      { le: 1, count: 0 },
      { le: 2, count: 10 },
      { le: 4, count: 20 },
      { le: top, count: 20 },
    ];
    expect(quantile(0.25, buckets)).toBe(1.5);
    expect(quantile(0.5, buckets)).toBe(2);
    expect(quantile(0.75, buckets)).toBe(3);
    expect(quantile(1, buckets)).toBe(4);
  });

  it('is the last bound for what lies above it, and nothing where nothing was counted', () => {
    expect(
      quantile(0.99, [
        { le: 1, count: 1 },
        { le: top, count: 100 },
      ]),
    ).toBe(1);
    expect(
      quantile(0.5, [
        { le: 1, count: 0 },
        { le: top, count: 0 },
      ]),
    ).toBeUndefined();
    expect(quantile(0.5, [])).toBeUndefined();
  });

  it('is within the bucket of the value of that rank, whatever was counted', () => {
    const bounds = [0.01, 0.1, 1, 10];
    const values = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (seen, q) => {
        const buckets = [...bounds, top].map((le) => ({
          le,
          count: seen.filter((each) => each <= le).length,
        }));
        const exact = seen.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * seen.length) - 1)] ?? 0;
        const upper = bounds.find((bound) => exact <= bound) ?? 10;
        const lower = bounds[bounds.indexOf(upper) - 1] ?? 0;
        const found = quantile(q, buckets) ?? Number.NaN;
        expect(found).toBeGreaterThanOrEqual(lower);
        expect(found).toBeLessThanOrEqual(upper);
      }),
    );
  });
});
