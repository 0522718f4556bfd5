import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { NoWorkerBegan, type Replacement, WorkerPool } from '../../../../src/proxy/primary/worker-pool.ts';
import type { Worker, WorkerEnd } from '../../../../src/proxy/primary/worker-process.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

class FakeWorker implements Worker {
  readonly pid: number;
  readonly settings = {} as Worker['settings'];
  readonly #up = Promise.withResolvers<void>();
  readonly #leaving = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<WorkerEnd>();
  isServing = false;
  isOver = false;
  isReady = true;
  drained: { replaced: boolean } | undefined;

  readonly number: number;

  constructor(number: number, pid: number) {
    this.number = number;
    this.pid = pid;
  }

  up = this.#up.promise;
  leaving = this.#leaving.promise;
  over = this.#over.promise;

  begin(): void {
    this.isServing = true;
    this.#up.resolve();
  }

  /** Somebody has told it to drain. */
  leave(): void {
    this.isServing = false;
    this.#leaving.resolve();
  }

  end(end: Partial<WorkerEnd> = {}): void {
    this.isServing = false;
    this.isOver = true;
    this.#over.resolve({ code: 0, signal: null, ...end });
  }

  drain(options: { replaced: boolean }): void {
    this.drained = options;
    this.leave();
  }

  kill(): void {
    this.end({ code: null, signal: 'SIGKILL' });
  }

  answers = () => false;
  async *ask() {}
  ticketKeys() {}
  drainUpstreams() {}
  onOutdated() {}
  outdated() {}
  readFiles() {}
  give() {}
  prepare = () => Promise.reject(new Error('not here'));
}

let timers: ManualTimers;
let all: FakeWorker[];
let pool: WorkerPool;

beforeEach(anew);

function anew(): void {
  timers = new ManualTimers();
  all = [];
  pool = new WorkerPool({
    start: (number) => {
      const worker = new FakeWorker(number, 100 + all.length);
      all.push(worker);
      return worker;
    },
    isReady: async (worker) => (worker as FakeWorker).isReady,
    timers,
    random: () => 0,
    onEvent: () => {},
  });
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function replaceAll(): Promise<Replacement[]> {
  const replacements: Replacement[] = [];
  for await (const replacement of pool.replace()) replacements.push(replacement);
  return replacements;
}

async function started(count: number): Promise<void> {
  const start = pool.start(count);
  all[0]?.begin();
  await start;
  for (const worker of all) worker.begin();
}

describe('the pool of workers', () => {
  it('begins one, and the others once that is up', async () => {
    const start = pool.start(3);
    await settled();
    expect(all).toHaveLength(1);
    all[0]?.begin();
    await start;
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('gives up when the first ends before it was up, and tells how', async () => {
    const start = pool.start(2);
    all[0]?.end({ code: 78 });
    await expect(start).rejects.toThrow(NoWorkerBegan);
    await expect(start).rejects.toMatchObject({ end: { code: 78 } });
    expect(all).toHaveLength(1);
  });

  it('ends a first worker that never gets up when it is to drain, and begins none after that', async () => {
    const start = expect(pool.start(2)).rejects.toThrow(NoWorkerBegan);
    await settled();
    await pool.drain();
    await start;
    expect(all.map(({ isOver }) => isOver)).toEqual([true]);
    await expect(pool.start(1)).rejects.toThrow(/is stopping/);
    expect(all).toHaveLength(1);
  });

  it('begins another in place of one that died, after pauses that grow', async () => {
    await started(1);
    for (const pause of [100, 200, 400]) {
      all.at(-1)?.kill();
      await settled();
      const before = all.length;
      timers.advance(pause - 1);
      expect(all).toHaveLength(before);
      timers.advance(1);
      expect(all).toHaveLength(before + 1);
      all.at(-1)?.begin();
    }
    expect(pool.serving.map(({ number }) => number)).toEqual([1]);
  });

  it('begins another at once in place of one that drains by itself, and does not kill that', async () => {
    await started(2);
    all[0]?.leave();
    await settled();
    expect(all.map(({ number }) => number)).toEqual([1, 2, 1]);
    expect(all[0]?.isOver).toBe(false);
    all[0]?.end();
    await settled();
    expect(all).toHaveLength(3);
  });

  it('replaces one after another: the next is ready before the one before drains, and that ends before the next place', async () => {
    await started(2);
    const replacing = replaceAll();
    await settled();
    expect(all).toHaveLength(3);
    expect(all[0]?.drained).toBeUndefined();
    all[2]?.begin();
    await settled();
    expect(all[0]?.drained).toMatchObject({ replaced: true });
    expect(all).toHaveLength(3);
    expect(pool.serving.map(({ pid }) => pid)).toEqual([102, 101]);
    all[0]?.end();
    await settled();
    expect(all).toHaveLength(4);
    all[3]?.begin();
    await settled();
    all[1]?.end();
    expect(await replacing).toEqual([
      { worker: 1, pid: 102, replaced: 100 },
      { worker: 2, pid: 103, replaced: 101 },
    ]);
  });

  it('keeps the old one when the new one cannot begin, or does not become ready', async () => {
    await started(1);
    const first = replaceAll();
    await settled();
    all[1]?.end({ code: 78 });
    await expect(first).rejects.toThrow(/could not start.*the old ones go on/);
    const second = expect(replaceAll()).rejects.toThrow(/did not become ready/);
    await settled();
    const next = all[2] as FakeWorker;
    next.isReady = false;
    next.begin();
    for (let look = 0; look < 250; look += 1) {
      await settled();
      timers.advance(50);
    }
    await second;
    expect(next.isOver).toBe(true);
    expect(all[0]?.drained).toBeUndefined();
    expect(pool.serving).toEqual([all[0]]);
  });

  it('takes a new one that is no worse than the old one: the backend may be away from both', async () => {
    await started(1);
    (all[0] as FakeWorker).isReady = false;
    const replacing = replaceAll();
    await settled();
    (all[1] as FakeWorker).isReady = false;
    all[1]?.begin();
    await settled();
    all[0]?.end();
    expect(await replacing).toHaveLength(1);
  });

  it('does not replace twice at once', async () => {
    await started(1);
    const first = replaceAll();
    await expect(replaceAll()).rejects.toThrow(/being replaced already/);
    await settled();
    all[1]?.begin();
    await settled();
    all[0]?.end();
    await first;
  });

  it('begins and drains workers as their number changes', async () => {
    await started(1);
    pool.resize(3);
    expect(all.map(({ number }) => number)).toEqual([1, 2, 3]);
    pool.resize(1);
    expect(all.map(({ drained }) => drained !== undefined)).toEqual([false, true, true]);
    all[1]?.end();
    all[2]?.end();
    await settled();
    timers.advance(60_000);
    expect(all).toHaveLength(3);
  });

  it('drains all, those that drain already included, and begins no other', async () => {
    await started(3);
    all[2]?.leave();
    await settled();
    all[1]?.kill();
    await settled();
    let isOver = false;
    const drained = pool.drain().then(() => {
      isOver = true;
    });
    for (const worker of [all[0], all[2], all[3]]) {
      await settled();
      expect(isOver).toBe(false);
      worker?.end();
    }
    await drained;
    timers.advance(60_000);
    expect(all).toHaveLength(4);
  });

  it('ends all at once when told to, those that drain included', async () => {
    await started(3);
    all[1]?.leave();
    await settled();
    pool.kill();
    await settled();
    timers.advance(60_000);
    expect(all.map(({ isOver }) => isOver)).toEqual([true, true, true, true]);
  });

  it('has one worker in each place and none after the drain, whatever happens in which order', async () => {
    const step = fc.record({
      what: fc.constantFrom('begin', 'leave', 'end', 'kill', 'resize', 'replace', 'advance'),
      which: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        anew();
        await started(2);
        for (const { what, which } of steps) {
          const alive = all.filter(({ isOver }) => !isOver);
          const one = alive[which % Math.max(1, alive.length)];
          if (what === 'resize') pool.resize(1 + (which % 4));
          else if (what === 'replace') replaceAll().catch(() => {});
          else if (what === 'advance') timers.advance(which * 1_000);
          else if (what === 'begin' && one?.drained === undefined) one?.begin();
          else if (what === 'leave' && one?.isServing) one.leave();
          else if (what === 'end' || what === 'kill') one?.[what]();
          await settled();
          const serving = pool.serving.map(({ number }) => number);
          expect(new Set(serving).size).toBe(serving.length);
        }
        const drained = pool.drain();
        for (let round = 0; round < 4; round += 1) {
          for (const worker of all) if (!worker.isOver) worker.end();
          await settled();
          timers.advance(20_000);
          await settled();
        }
        await drained;
        expect(all.filter(({ isOver }) => !isOver)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
