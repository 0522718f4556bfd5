import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChildEnd, type ChildEvent, SupervisedChild } from '../../../src/supervisor/supervised-child.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

type FakeRun = { pid: number; signals: string[]; alive: boolean; end: (end: Partial<ChildEnd>) => void };

function harness(random: () => number = () => 0) {
  const timers = new ManualTimers();
  const runs: FakeRun[] = [];
  const events: ChildEvent[] = [];
  let mostAlive = 0;
  const child = new SupervisedChild({
    timers,
    random,
    onEvent: (event) => void events.push(event),
    launch: (onEnd) => {
      const run: FakeRun = {
        pid: runs.length + 1,
        signals: [],
        alive: true,
        end: (end) => {
          if (!run.alive) return;
          run.alive = false;
          onEnd({ code: null, signal: null, ...end });
        },
      };
      runs.push(run);
      mostAlive = Math.max(mostAlive, runs.filter(({ alive }) => alive).length);
      return {
        pid: run.pid,
        kill: (signal) => void run.signals.push(signal),
        reread: () => void run.signals.push('SIGHUP'),
      };
    },
  });
  return { child, timers, runs, events, mostAlive: () => mostAlive, last: () => runs.at(-1)! };
}

describe('SupervisedChild', () => {
  it('restarts a child that dies, later each time', () => {
    const h = harness();
    h.child.start();
    h.last().end({ signal: 'SIGKILL' });
    h.timers.advance(99);
    expect(h.runs).toHaveLength(1);
    h.timers.advance(1);
    expect(h.runs).toHaveLength(2);
    h.last().end({ code: 1 });
    h.timers.advance(199);
    expect(h.runs).toHaveLength(2);
    h.timers.advance(1);
    expect(h.runs).toHaveLength(3);
    expect(h.child.pid).toBe(3);
  });

  it('restarts one that ended well without being asked to, and one that could not be started', () => {
    const h = harness();
    h.child.start();
    h.last().end({ code: 0 });
    h.timers.advance(1_000);
    h.last().end({ error: new Error('spawn EAGAIN') });
    h.timers.advance(1_000);
    expect(h.runs).toHaveLength(3);
  });

  it('begins with the short delay again after thirty seconds of life', () => {
    const h = harness();
    h.child.start();
    for (let deaths = 0; deaths < 6; deaths += 1) {
      h.last().end({ code: 1 });
      h.timers.advance(10_000);
    }
    h.timers.advance(30_000);
    h.last().end({ code: 1 });
    expect(h.events.at(-1)).toMatchObject({ kind: 'died', restartInMs: 100 });
  });

  it('gives up at once when a restart cannot cure it', async () => {
    const h = harness();
    h.child.start();
    h.last().end({ code: 78 });
    h.timers.advance(60_000);
    expect(h.runs).toHaveLength(1);
    expect(h.events.at(-1)).toMatchObject({ kind: 'gave-up', end: { code: 78 } });
    await h.child.stop(1_000);
  });

  it('asks to drain, kills after the deadline, and waits for the end', async () => {
    const h = harness();
    h.child.start();
    let stopped = false;
    const stop = h.child.stop(5_000).then(() => {
      stopped = true;
    });
    expect(h.last().signals).toEqual(['SIGTERM']);
    h.timers.advance(4_999);
    expect(h.last().signals).toEqual(['SIGTERM']);
    h.timers.advance(1);
    expect(h.last().signals).toEqual(['SIGTERM', 'SIGKILL']);
    await Promise.resolve();
    expect(stopped).toBe(false);
    h.last().end({ signal: 'SIGKILL' });
    await stop;
    h.timers.advance(60_000);
    expect(h.runs).toHaveLength(1);
    expect(h.timers.waiting).toBe(0);
  });

  it('does not kill one that drained in time', async () => {
    const h = harness();
    h.child.start();
    const stop = h.child.stop(5_000);
    h.last().end({ code: 0 });
    await stop;
    h.timers.advance(60_000);
    expect(h.last().signals).toEqual(['SIGTERM']);
  });

  it('stops while it waits for a restart, and never restarts afterwards', async () => {
    const h = harness();
    h.child.start();
    h.last().end({ code: 1 });
    await h.child.stop(5_000);
    h.timers.advance(60_000);
    expect(h.runs).toHaveLength(1);
    h.child.start();
    expect(h.runs).toHaveLength(1);
  });

  it('never has two runs alive, nor begins one after a stop, whatever comes in which order', () => {
    const step = fc.oneof(
      fc.constantFrom('start' as const, 'stop' as const, 'kill' as const),
      fc.record({ code: fc.constantFrom(0, 1, 78, null) }),
      fc.integer({ min: 1, max: 40_000 }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (steps, chance) => {
          const h = harness(() => chance);
          let runsAtEnd: number | undefined;
          for (const each of steps) {
            if (each === 'start') h.child.start();
            else if (each === 'stop') void h.child.stop(1_000);
            else if (each === 'kill') h.child.kill();
            else if (typeof each === 'number') h.timers.advance(each);
            else h.runs.at(-1)?.end(each);
            const ended = each === 'stop' || each === 'kill' || h.events.at(-1)?.kind === 'gave-up';
            if (ended) runsAtEnd ??= h.runs.length;
          }
          h.timers.advance(100_000);
          expect(h.mostAlive()).toBeLessThanOrEqual(1);
          if (runsAtEnd !== undefined) expect(h.runs).toHaveLength(runsAtEnd);
          // A child that was started, is not alive and was not ended, is always on its way back.
          else if (h.runs.length > 0) expect(h.last().alive).toBe(true);
          const finals = h.events.filter(({ kind }) => kind === 'stopped' || kind === 'gave-up');
          expect(finals.length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
