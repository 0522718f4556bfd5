import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drainOnStop, type StopEvent, type StopReason } from '../../../src/process/stop-signals.ts';

function harness(options: { connected?: boolean; deadlineMs?: number } = {}) {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const target = Object.assign(emitter, {
    connected: options.connected ?? false,
    exit: (code: number) => void exits.push(code),
  });
  let now = 0;
  const timers: { at: number; callback: () => void }[] = [];
  const drains: { reason: StopReason; finish: () => void; fail: (error: Error) => void }[] = [];
  const events: StopEvent[] = [];
  const stop = drainOnStop(
    (reason) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      drains.push({ reason, finish: resolve, fail: reject });
      return promise;
    },
    {
      process: target,
      now: () => now,
      setTimer: (callback, ms) => {
        timers.push({ at: now + ms, callback });
        return {};
      },
      onStop: (event) => void events.push(event),
      ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    },
  );
  return {
    exits,
    drains,
    events,
    stop,
    listeners: () => emitter.eventNames().length,
    send: (signal: 'SIGTERM' | 'SIGINT' | 'disconnect') => void emitter.emit(signal),
    advance: (ms: number) => {
      now += ms;
      for (const timer of timers.splice(0)) {
        if (timer.at <= now) timer.callback();
        else timers.push(timer);
      }
    },
    settled: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
}

describe('drainOnStop', () => {
  it('drains at the first signal and ends well when the drain does', async () => {
    const h = harness();
    h.send('SIGTERM');
    await h.settled();
    expect(h.drains.map(({ reason }) => reason)).toEqual(['SIGTERM']);
    expect(h.exits).toEqual([]);
    h.drains[0]!.finish();
    await h.settled();
    expect(h.exits).toEqual([0]);
  });

  it('ends at once at a second signal, with the code that a shell would show', async () => {
    const h = harness();
    h.send('SIGTERM');
    h.advance(1_000);
    h.send('SIGINT');
    expect(h.exits).toEqual([130]);
  });

  it('takes one press of Ctrl-C for one, though npm passes it on a second time', async () => {
    const h = harness();
    h.send('SIGINT');
    h.advance(50);
    h.send('SIGINT');
    expect(h.exits).toEqual([]);
    h.advance(1_000);
    h.send('SIGINT');
    expect(h.exits).toEqual([130]);
  });

  it('ends without the drain when the deadline passes', async () => {
    const h = harness({ deadlineMs: 500 });
    h.send('SIGTERM');
    h.advance(499);
    expect(h.exits).toEqual([]);
    h.advance(1);
    expect(h.exits).toEqual([1]);
    h.drains[0]?.finish();
    await h.settled();
    expect(h.exits).toEqual([1]);
  });

  it('says so when the drain fails', async () => {
    const h = harness();
    h.send('SIGTERM');
    await h.settled();
    h.drains[0]!.fail(new Error('no'));
    await h.settled();
    expect(h.exits).toEqual([1]);
    expect(h.events.at(-1)).toMatchObject({ kind: 'drain-failed', error: { message: 'no' } });
  });

  it('drains when the supervisor is gone, and leaves SIGINT to one that is there', async () => {
    const h = harness({ connected: true });
    h.send('SIGINT');
    await h.settled();
    expect(h.drains).toEqual([]);
    h.send('disconnect');
    await h.settled();
    expect(h.drains.map(({ reason }) => reason)).toEqual(['parent-gone']);
    h.advance(1_000);
    h.send('disconnect');
    expect(h.exits).toEqual([]);
  });

  it('is not forced by a second SIGTERM while a supervisor is there to do that', async () => {
    const h = harness({ connected: true });
    h.send('SIGTERM');
    h.advance(5_000);
    h.send('SIGTERM');
    expect(h.exits).toEqual([]);
    await h.settled();
    h.drains[0]!.finish();
    await h.settled();
    expect(h.exits).toEqual([0]);
  });

  it('drains when asked in words, once, also while supervised', async () => {
    const h = harness({ connected: true });
    h.stop.drain('asked');
    h.advance(1_000);
    h.stop.drain('asked');
    await h.settled();
    expect(h.drains.map(({ reason }) => reason)).toEqual(['asked']);
    h.drains[0]!.finish();
    await h.settled();
    expect(h.exits).toEqual([0]);
  });

  it('stops watching', () => {
    const h = harness();
    expect(h.listeners()).toBe(3);
    h.stop.unwatch();
    expect(h.listeners()).toBe(0);
  });

  it('drains at most once and ends at most once, whatever comes in which order', async () => {
    const step = fc.oneof(
      fc.constantFrom('SIGTERM' as const, 'SIGINT' as const, 'disconnect' as const),
      fc.integer({ min: 0, max: 12_000 }),
      fc.constant('finish' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const h = harness();
        for (const each of steps) {
          if (typeof each === 'number') h.advance(each);
          else if (each === 'finish') h.drains[0]?.finish();
          else h.send(each);
          await h.settled();
        }
        expect(h.drains.length).toBeLessThanOrEqual(1);
        expect(h.exits.length).toBeLessThanOrEqual(1);
        // Nothing ends a process that nobody asked to stop.
        if (h.exits.length === 1) expect(h.drains.length).toBe(1);
      }),
    );
  });
});
