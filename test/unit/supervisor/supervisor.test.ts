import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/process/logger.ts';
import type { ChildEnd, Launch } from '../../../src/supervisor/supervised-child.ts';
import { type ChildName, STOP_WITHIN_MS, Supervisor } from '../../../src/supervisor/supervisor.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

function harness({ backends = 1 } = {}) {
  const timers = new ManualTimers();
  const trace: string[] = [];
  const ends: Partial<Record<ChildName, (end: ChildEnd) => void>> = {};
  const launch =
    (name: ChildName): Launch =>
    (onEnd) => {
      trace.push(`start ${name}`);
      ends[name] = onEnd;
      return {
        pid: 1,
        kill: (signal) => void trace.push(`${signal} ${name}`),
        reread: () => void trace.push(`reread ${name}`),
      };
    };
  const supervisor = new Supervisor({
    launch: {
      backends: Array.from({ length: backends }, (_, at) =>
        launch(backends === 1 ? 'backend' : `backend ${at + 1}`),
      ),
      proxy: launch('proxy'),
    },
    logger: createLogger({ name: 'start', level: 'silent' }),
    timers,
    random: () => 0,
  });
  const end = (name: ChildName, code: number | null = 0) => ends[name]!({ code, signal: null });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { supervisor, timers, trace, end, settled };
}

describe('Supervisor', () => {
  it('starts the backend and the proxy', () => {
    const h = harness();
    h.supervisor.start();
    expect(h.trace).toEqual(['start backend', 'start proxy']);
  });

  it('runs several backends, and restarts the one that died', async () => {
    const h = harness({ backends: 3 });
    h.supervisor.start();
    expect(h.trace).toEqual(['start backend 1', 'start backend 2', 'start backend 3', 'start proxy']);
    h.end('backend 2', 1);
    h.timers.advance(60_000);
    expect(h.trace.at(-1)).toBe('start backend 2');
  });

  it('B21 drains the proxy first, so that the backend still finishes the moves in flight', async () => {
    const h = harness();
    h.supervisor.start();
    h.trace.length = 0;
    const stopped = h.supervisor.stop();
    await h.settled();
    expect(h.trace).toEqual(['SIGTERM proxy']);
    h.end('proxy');
    await h.settled();
    expect(h.trace).toEqual(['SIGTERM proxy', 'SIGTERM backend']);
    h.end('backend');
    await stopped;
  });

  it('B21 is done within ten seconds though neither child obeys', async () => {
    expect(STOP_WITHIN_MS.proxy + STOP_WITHIN_MS.backend).toBeLessThan(10_000);
    const h = harness();
    h.supervisor.start();
    const stopped = h.supervisor.stop();
    h.timers.advance(STOP_WITHIN_MS.proxy);
    expect(h.trace.at(-1)).toBe('SIGKILL proxy');
    h.end('proxy', null);
    await h.settled();
    h.timers.advance(STOP_WITHIN_MS.backend);
    expect(h.trace.at(-1)).toBe('SIGKILL backend');
    h.end('backend', null);
    await stopped;
  });

  it('restarts each by itself', () => {
    const h = harness();
    h.supervisor.start();
    h.end('backend', 1);
    h.timers.advance(1_000);
    expect(h.trace).toEqual(['start backend', 'start proxy', 'start backend']);
  });

  it('tells which child gave up', async () => {
    const h = harness();
    h.supervisor.start();
    h.end('proxy', 78);
    expect(await h.supervisor.gaveUp).toMatchObject({ child: 'proxy', end: { code: 78 } });
  });

  it('ends both at once when told to', () => {
    const h = harness();
    h.supervisor.start();
    h.supervisor.kill();
    expect(h.trace).toContain('SIGKILL proxy');
    expect(h.trace).toContain('SIGKILL backend');
  });
});
