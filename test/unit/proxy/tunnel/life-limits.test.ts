import { describe, expect, it } from 'vitest';
import { LifeLimits } from '../../../../src/proxy/tunnel/life-limits.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

function setUp({ idleMs = 10_000, totalMs = 1_000_000 } = {}) {
  const timers = new ManualTimers();
  const over: string[] = [];
  const current = { idleMs, totalMs };
  const limits = new LifeLimits({ limits: () => current, timers, onOver: (why) => over.push(why) });
  return { timers, over, current, limits };
}

describe('the life of a tunnel', () => {
  it('ends when nothing has gone through for so long', () => {
    const { timers, over, limits } = setUp();
    timers.advance(9_999);
    limits.moved();
    timers.advance(9_999);
    expect(over).toEqual([]);
    timers.advance(1);
    expect(over).toEqual(['tunnel_idle']);
  });

  it('ends after its whole time, whatever goes through', () => {
    const { timers, over, limits } = setUp({ totalMs: 60_000 });
    for (let second = 1; second < 60; second += 1) {
      timers.advance(1_000);
      limits.moved();
    }
    expect(over).toEqual([]);
    timers.advance(1_000);
    expect(over).toEqual(['tunnel_too_long']);
    timers.advance(1_000_000);
    expect(over).toEqual(['tunnel_too_long']);
  });

  it('takes up limits that are lowered within a minute, and raised ones at once', () => {
    const lowered = setUp({ idleMs: 3_600_000, totalMs: 86_400_000 });
    lowered.timers.advance(1_000);
    lowered.current.totalMs = 500;
    lowered.timers.advance(59_000);
    expect(lowered.over).toEqual(['tunnel_too_long']);
    const raised = setUp({ idleMs: 10_000 });
    raised.timers.advance(9_000);
    raised.current.idleMs = 20_000;
    raised.timers.advance(10_999);
    expect(raised.over).toEqual([]);
    raised.timers.advance(1);
    expect(raised.over).toEqual(['tunnel_idle']);
  });

  it('leaves no timer behind when it is stopped', () => {
    const { timers, over, limits } = setUp();
    limits.stop();
    timers.advance(100_000_000);
    expect([over, timers.waiting]).toEqual([[], 0]);
  });
});
