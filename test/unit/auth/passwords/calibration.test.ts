import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { calibratedCost } from '../../../../src/auth/passwords/calibration.ts';
import { costFloor } from '../../../../src/auth/passwords/password-cost.ts';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import type { Store } from '../../../../src/store/index.ts';
import { memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';

const day = 86_400;
let store: Store<AuthSchema>;
let clock: SteppedClock;
let measurements: number;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
  measurements = 0;
});
afterEach(async () => {
  await store.close();
});

const calibrate = async (floorMs: number) =>
  await calibratedCost(store, {
    clock: clock.read,
    measure: async () => {
      measurements += 1;
      return floorMs;
    },
  });

describe('calibration', () => {
  it('measures once for a month, so that all processes agree', async () => {
    const first = await calibrate(50);
    clock.advance(29 * day);
    expect(await calibrate(5)).toEqual(first);
    expect(measurements).toBe(1);
  });

  it('raises the cost after a month on a faster machine', async () => {
    await calibrate(50);
    clock.advance(31 * day);
    expect(await calibrate(10)).toEqual({ memoryKib: 65_536, passes: 5 });
    expect(await calibrate(1000)).toEqual({ memoryKib: 65_536, passes: 5 });
    expect(measurements).toBe(2);
  });

  it('never lowers it because the machine was busy', async () => {
    const first = await calibrate(20);
    clock.advance(31 * day);
    expect(await calibrate(900)).toEqual(first);
    clock.advance(1);
    await calibrate(900);
    expect(measurements).toBe(2);
  });

  it('does not go below the floor for a row that does', async () => {
    await store.db
      .insertInto('password_costs')
      .values({ id: 1, memory_kib: 8, passes: 1, measured_at: clock.now })
      .execute();
    expect(await calibrate(50)).toEqual(costFloor);
  });

  it('chooses at least the floor on this very machine', async () => {
    const cost = await calibratedCost(store, { clock: clock.read });
    expect(cost.memoryKib).toBeGreaterThanOrEqual(costFloor.memoryKib);
    expect(cost.passes).toBeGreaterThanOrEqual(costFloor.passes);
  });
});
