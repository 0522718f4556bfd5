import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashQueue } from '../../../../src/auth/passwords/hash-queue.ts';
import { codeOf } from '../../../support/auth-fixture.ts';

describe('D2 the queue in front of hashing', () => {
  it('runs K, keeps Q waiting in order, and refuses the rest before they start', async () => {
    const queue = new HashQueue({ inFlight: 2, waiting: 3 });
    const started: number[] = [];
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    const jobs = gates.map((gate, index) =>
      codeOf(
        queue.run(async () => {
          started.push(index);
          await gate.promise;
        }),
      ),
    );
    expect([queue.running, queue.waiting]).toEqual([2, 3]);
    expect(await jobs[5]).toBe('busy');
    expect(started).toEqual([0, 1]);
    for (const gate of gates) gate.resolve();
    expect(await Promise.all(jobs.slice(0, 5))).toEqual(Array(5).fill(undefined));
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('says when to try again', async () => {
    const queue = new HashQueue({ inFlight: 0, waiting: 0 });
    await expect(queue.run(async () => undefined)).rejects.toMatchObject({ retryAfterSeconds: 3 });
  });

  it('takes other bounds while it runs: more begin, or places are given up', async () => {
    const bounds = { inFlight: 1, waiting: 4 };
    const queue = new HashQueue(bounds);
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const jobs = gates.map(({ promise }) => queue.run(async () => await promise));
    const end = async (job: number) => {
      gates[job]?.resolve();
      await jobs[job];
    };
    bounds.inFlight = 3;
    await end(0);
    expect([queue.running, queue.waiting]).toEqual([3, 1]);
    bounds.inFlight = 1;
    await end(1);
    await end(2);
    expect([queue.running, queue.waiting]).toEqual([1, 1]);
    await end(3);
    expect([queue.running, queue.waiting]).toEqual([1, 0]);
    await end(4);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it('gives a place back when a job fails, at once or later', async () => {
    const queue = new HashQueue({ inFlight: 1, waiting: 1 });
    const fails = queue.run(() => {
      throw new Error('at once');
    });
    const waits = queue.run(async () => await Promise.reject(new Error('later')));
    await expect(fails).rejects.toThrow('at once');
    await expect(waits).rejects.toThrow('later');
    expect(await queue.run(async () => 'free')).toBe('free');
  });

  it('keeps its bounds and loses nobody, in whatever order jobs come and end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.constantFrom('come', 'end', 'fail'), { maxLength: 40 }),
        async (inFlight, waiting, steps) => {
          const queue = new HashQueue({ inFlight, waiting });
          const open: PromiseWithResolvers<void>[] = [];
          const all: Promise<unknown>[] = [];
          let expected = 0;
          for (const step of steps) {
            if (step === 'come') {
              const admitted = expected < inFlight + waiting;
              const job = codeOf(
                queue.run(async () => {
                  const gate = Promise.withResolvers<void>();
                  open.push(gate);
                  await gate.promise;
                }),
              );
              if (admitted) {
                expected += 1;
                all.push(job);
              } else {
                expect(await job).toBe('busy');
              }
            } else {
              const gate = open.shift();
              if (gate === undefined) continue;
              expected -= 1;
              if (step === 'end') gate.resolve();
              else gate.reject(new Error('failed'));
            }
            // Lets what was set off here happen.
            await new Promise(setImmediate);
            expect(queue.running).toBe(Math.min(expected, inFlight));
            expect(queue.waiting).toBe(Math.max(0, expected - inFlight));
            expect(open.length).toBe(queue.running);
          }
          while (open.length > 0) {
            open.shift()?.resolve();
            await new Promise(setImmediate);
          }
          await Promise.all(all);
          expect([queue.running, queue.waiting]).toEqual([0, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
