import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costCeiling,
  costFloor,
  costForSpeed,
  fitsCap,
  isWeaker,
  parseDigest,
} from '../../../../src/auth/passwords/password-cost.ts';

const digestOf = (parameters: string): string =>
  `$argon2id$v=19$${parameters}$${'A'.repeat(22)}$${'B'.repeat(43)}`;

describe('the cost of a hash', () => {
  it('is never below the floor nor above the ceiling, whatever was measured', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (floorMs) => {
        const { memoryKib, passes } = costForSpeed(floorMs);
        expect(memoryKib).toBeGreaterThanOrEqual(costFloor.memoryKib);
        expect(memoryKib).toBeLessThanOrEqual(costCeiling.memoryKib);
        expect(passes).toBeGreaterThanOrEqual(costFloor.passes);
        expect(passes).toBeLessThanOrEqual(costCeiling.passes);
        expect(Number.isInteger(memoryKib) && Number.isInteger(passes)).toBe(true);
      }),
    );
  });

  it('grows with the speed of the machine, memory first', () => {
    expect(costForSpeed(400)).toEqual(costFloor);
    expect(costForSpeed(50)).toEqual({ memoryKib: 36_864, passes: 2 });
    expect(costForSpeed(10)).toEqual({ memoryKib: 65_536, passes: 5 });
    expect(costForSpeed(1)).toEqual(costCeiling);
  });

  it('is compared by memory, then by passes', () => {
    expect(isWeaker(costFloor, costFloor)).toBe(false);
    expect(isWeaker(costFloor, { ...costFloor, passes: 3 })).toBe(true);
    expect(isWeaker({ memoryKib: 65_536, passes: 2 }, { memoryKib: 32_768, passes: 8 })).toBe(false);
  });
});

describe('the cost in a stored digest', () => {
  it('is read with its parameters in any order', () => {
    const cost = { memoryKib: 19_456, passes: 2, lanes: 1 };
    expect(parseDigest(digestOf('m=19456,t=2,p=1'))).toEqual(cost);
    expect(parseDigest(digestOf('m=19456,p=1,t=2'))).toEqual(cost);
  });

  it.each([
    'm=19456,t=2',
    'm=19456,t=2,t=1',
    'm=19456,t=2,p=1,',
    'm=-1,t=2,p=1',
    'm=1e9,t=2,p=1',
    'm=19456,t=2,p=1,data=AA',
    'm=9999999999,t=2,p=1',
  ])('is not read from %s', (parameters) => {
    expect(parseDigest(digestOf(parameters))).toBeUndefined();
  });

  it('is not read from another algorithm or version', () => {
    const good = digestOf('m=19456,t=2,p=1');
    for (const other of [
      '',
      'x',
      good.replace('argon2id', 'argon2i'),
      good.replace('v=19', 'v=16'),
      ` ${good}`,
    ]) {
      expect(parseDigest(other)).toBeUndefined();
    }
  });

  it('is refused beyond the cap', () => {
    const cost = { memoryKib: 262_144, passes: 16, lanes: 4 };
    expect(fitsCap(cost)).toBe(true);
    expect(fitsCap({ ...cost, memoryKib: 262_145 })).toBe(false);
    expect(fitsCap({ ...cost, passes: 17 })).toBe(false);
    expect(fitsCap({ ...cost, lanes: 5 })).toBe(false);
  });
});
