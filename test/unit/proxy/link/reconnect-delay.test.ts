import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconnectDelay } from '../../../../src/proxy/link/reconnect-delay.ts';

it('pauses are between 100 ms and 3 s, grow with the failures, and differ', () => {
  const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(1_000_000), unit, unit, (failures, one, other) => {
      const delay = reconnectDelay(failures, () => one);
      expect(delay).toBeGreaterThanOrEqual(100);
      expect(delay).toBeLessThanOrEqual(3_000);
      expect(reconnectDelay(failures + 1, () => one)).toBeGreaterThanOrEqual(delay);
      if (one < other) expect(delay).toBeLessThanOrEqual(reconnectDelay(failures, () => other));
    }),
  );
  expect(reconnectDelay(0, () => 0.999)).toBeLessThan(200);
  expect(reconnectDelay(20, () => 0.999)).toBeGreaterThan(2_900);
});
