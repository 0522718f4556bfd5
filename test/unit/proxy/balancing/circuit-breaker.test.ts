import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BreakerTicket,
  breakerDefaults,
  CircuitBreaker,
} from '../../../../src/proxy/balancing/circuit-breaker.ts';
import { FailureWindow } from '../../../../src/proxy/balancing/failure-window.ts';

const options = {
  failures: 3,
  windowMs: 1_000,
  openMs: 100,
  longestOpenMs: 400,
  trials: 2,
  successes: 2,
} as const;

function breaker() {
  const clock = { now: 0 };
  const states: string[] = [];
  const it = new CircuitBreaker({ options, now: () => clock.now, onChange: (state) => states.push(state) });
  const fail = (count: number) => {
    for (let failed = 0; failed < count; failed += 1) it.begin().report('failed');
  };
  return { it, clock, states, fail };
}

describe('the circuit breaker', () => {
  it('opens at the failures that are allowed, and lets trials through when its time is over', () => {
    const { it: one, clock, fail } = breaker();
    fail(2);
    expect([one.state, one.admits]).toEqual(['closed', true]);
    fail(1);
    expect([one.state, one.admits, one.waitMs]).toEqual(['open', false, 100]);
    clock.now = 99;
    expect([one.state, one.admits, one.waitMs]).toEqual(['open', false, 1]);
    clock.now = 100;
    expect([one.state, one.admits, one.waitMs]).toEqual(['half-open', true, 0]);
  });

  it('lets so many trials through at once and no more, and closes after the successes', () => {
    const { it: one, clock, states, fail } = breaker();
    fail(3);
    clock.now = 100;
    const trials = [one.begin(), one.begin()];
    expect(one.admits).toBe(false);
    trials[0]?.report('succeeded');
    expect([one.state, one.admits]).toEqual(['half-open', true]);
    trials[1]?.report('succeeded');
    expect([one.state, one.admits]).toEqual(['closed', true]);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('gives the place of a trial back when nothing became of it', () => {
    const { it: one, clock, fail } = breaker();
    fail(3);
    clock.now = 100;
    const trials = [one.begin(), one.begin()];
    trials[0]?.report('unknown');
    expect(one.admits).toBe(true);
  });

  it('stays open twice as long after each failed trial, up to the longest, and begins anew once closed', () => {
    const { it: one, clock, fail } = breaker();
    fail(3);
    for (const wait of [100, 200, 400, 400]) {
      expect(one.waitMs).toBe(wait);
      clock.now += wait;
      one.begin().report('failed');
    }
    clock.now += 400;
    one.begin().report('succeeded');
    one.begin().report('succeeded');
    fail(3);
    expect(one.waitMs).toBe(100);
  });

  it('does not open while more succeed than fail, nor for failures of long ago', () => {
    const { it: one, clock, fail } = breaker();
    for (let round = 0; round < 20; round += 1) one.begin().report('succeeded');
    fail(15);
    expect(one.state).toBe('closed');
    clock.now = 5_000;
    fail(2);
    expect(one.state).toBe('closed');
    fail(1);
    expect(one.state).toBe('open');
  });

  it('ignores what began in an earlier state: it says nothing about now', () => {
    const { it: one, clock, fail } = breaker();
    const old = [one.begin(), one.begin(), one.begin()];
    fail(3);
    clock.now = 100;
    one.begin();
    for (const ticket of old) ticket.report('failed');
    expect(one.state).toBe('half-open');
  });

  it('never has more trials under way than allowed, whatever happens in whatever order', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'begin' } as const),
      fc.record({
        kind: fc.constant('report' as const),
        which: fc.nat(9),
        outcome: fc.constantFrom('succeeded', 'failed', 'unknown'),
      }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(500) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { it: one, clock } = breaker();
        let open: { ticket: BreakerTicket; trial: boolean }[] = [];
        for (const each of steps) {
          if (each.kind === 'wait') clock.now += each.ms;
          else if (each.kind === 'begin') {
            const { state } = one;
            if (!one.admits) continue;
            open.push({ ticket: one.begin(), trial: state === 'half-open' });
          } else {
            const entry = open[each.which];
            if (entry === undefined) continue;
            open = open.filter((other) => other !== entry);
            entry.ticket.report(each.outcome as 'succeeded');
          }
          if (one.state !== 'half-open') for (const entry of open) entry.trial = false;
          expect(open.filter(({ trial }) => trial).length).toBeLessThanOrEqual(options.trials);
          if (one.state === 'open') expect(one.waitMs).toBeGreaterThan(0);
          expect(one.waitMs).toBeLessThanOrEqual(options.longestOpenMs);
        }
      }),
    );
  });

  it('has finite defaults', () => {
    for (const value of Object.values(breakerDefaults)) expect(Number.isFinite(value)).toBe(true);
  });
});

describe('the failure window', () => {
  it('counts what a list of all outcomes would, to within a tenth of the window', () => {
    const step = fc.record({ wait: fc.nat(700), failed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = new FailureWindow(1_000);
        const all: { at: number; failed: boolean }[] = [];
        let now = 0;
        for (const { wait, failed } of steps) {
          now += wait;
          window.add(failed ? 'failed' : 'succeeded', now);
          all.push({ at: now, failed });
          const within = (ms: number) => all.filter((each) => each.failed && each.at > now - ms).length;
          const counted = window.counts(now).failed;
          expect(counted).toBeGreaterThanOrEqual(within(900));
          expect(counted).toBeLessThanOrEqual(within(1_000));
        }
      }),
    );
  });
});
