import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../../../src/proxy/policy/limits/token-bucket.ts';

const shape = { perSecond: 10, burst: 5 };

/** Takes `cost` when it is there; gives what `wait` said. */
function take(bucket: TokenBucket, now: number, cost = 1): number {
  const wait = bucket.wait(shape, now, cost);
  if (wait === 0) bucket.take(cost);
  return wait;
}

describe('TokenBucket', () => {
  it('never lets more through than burst and rate allow, and never less to one who waits as told', () => {
    const step = fc.record({
      wait: fc.nat(400),
      take: fc.integer({ min: 1, max: 20 }),
      cost: fc.integer({ min: 1, max: 5 }),
      owe: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const bucket = new TokenBucket(shape, 0);
        let now = 0;
        let passed = 0;
        for (const { wait, take: tries, cost, owe } of steps) {
          now += wait;
          for (let count = 0; count < tries; count += 1) if (take(bucket, now, cost) === 0) passed += cost;
          expect(passed).toBeLessThanOrEqual(shape.burst + (now / 1000) * shape.perSecond + 1e-4);
          if (owe) bucket.owe(shape);
          const told = bucket.wait(shape, now, cost);
          if (told > 0) now += told;
          expect(bucket.wait(shape, now, cost)).toBe(0);
        }
      }),
    );
  });

  it('gives nothing for a clock that goes back', () => {
    const slow = { perSecond: 1, burst: 1 };
    const bucket = new TokenBucket(slow, 1_000);
    bucket.take();
    expect(bucket.wait(slow, 0)).toBeGreaterThan(0);
    expect(bucket.wait(slow, 500)).toBeGreaterThan(0);
  });

  it('owes no more than it could hold, and says how much more it could owe', () => {
    const bucket = new TokenBucket(shape, 0);
    expect(bucket.credit(shape, 0)).toBe(10);
    for (let count = 0; count < 100; count += 1) bucket.owe(shape);
    expect(bucket.credit(shape, 0)).toBe(0);
    expect(bucket.wait(shape, 0)).toBe(600);
    expect(bucket.untilFull(shape, 0)).toBe(1_000);
  });

  it('keeps its level when its shape changes', () => {
    const bucket = new TokenBucket(shape, 0);
    bucket.take(4);
    expect(bucket.wait({ perSecond: 10, burst: 100 }, 0, 2)).toBe(100);
    expect(bucket.wait({ perSecond: 1, burst: 1 }, 60_000)).toBe(0);
    expect(bucket.wait({ perSecond: 1, burst: 1 }, 60_000, 2)).toBe(1_000);
  });
});
