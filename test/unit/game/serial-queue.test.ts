import { describe, expect, it } from 'vitest';
import { QueueFull, SerialQueue } from '../../../src/game/serial-queue.ts';

const idle = () => new Promise<void>(() => {});

describe('SerialQueue', () => {
  it('runs one task after another, each owner’s failures its own', async () => {
    const queue = new SerialQueue({ most: 10, mostOfOne: 10 });
    const ran: number[] = [];
    const results = await Promise.allSettled(
      [1, 2, 3].map((number) =>
        queue.run('ada', async () => {
          ran.push(number);
          if (number === 2) throw new Error('two');
        }),
      ),
    );
    expect(ran).toEqual([1, 2, 3]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(queue.length).toBe(0);
  });

  it('promise 10: takes the one whose turn it is however many others wait, with one task more, and no more', async () => {
    const queue = new SerialQueue({ most: 4, mostOfOne: 2 });
    for (const owner of ['eve', 'eve', 'bob', 'bob']) void queue.run(owner, idle);
    await expect(queue.run('mallory', idle)).rejects.toThrow(QueueFull);
    await expect(queue.run('ada', idle)).rejects.toThrow(QueueFull);
    for (let count = 0; count < 3; count += 1) void queue.run('ada', idle, { hasReserve: true });
    expect(queue.length).toBe(7);
    await expect(queue.run('ada', idle, { hasReserve: true })).rejects.toThrow(QueueFull);
  });
});
