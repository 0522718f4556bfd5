import { expect, it } from 'vitest';
import { TicketKeys } from '../../../../src/proxy/primary/ticket-keys.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

it('A9 ticket keys change when they are due, are wiped, and are told; a new length of time counts from its beginning', () => {
  const timers = new ManualTimers();
  const told: string[] = [];
  let drawn = 0;
  const keys = new TicketKeys({
    everyMs: 12 * 3_600_000,
    onRotation: (next) => told.push(next.toString('hex')),
    timers,
    randomBytes: (count) => {
      drawn += 1;
      return Buffer.alloc(count, drawn);
    },
  });
  const first = keys.current;
  expect(first.equals(Buffer.alloc(48, 1))).toBe(true);
  timers.advance(12 * 3_600_000 - 1);
  expect(told).toEqual([]);
  timers.advance(1);
  expect(told).toEqual(['02'.repeat(48)]);
  expect(keys.current.equals(Buffer.alloc(48, 2))).toBe(true);
  expect(first.equals(Buffer.alloc(48))).toBe(true);
  keys.changeEvery(1_000);
  timers.advance(2_000);
  expect(told).toHaveLength(3);
  keys.stop();
  timers.advance(60_000);
  expect(told).toHaveLength(3);
});
