import { describe, expect, it } from 'vitest';
import { Cell } from '../../../src/client/cell.ts';
import { Journal } from '../../../src/client/journal.ts';

describe('a cell', () => {
  it('gives a slow reader the latest value and skips what it missed', async () => {
    const cell = new Cell(1);
    const reader = cell[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: 1 });
    cell.set(2);
    cell.set(3);
    expect(await reader.next()).toEqual({ done: false, value: 3 });
    cell.end();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('tells its listeners of changes only', () => {
    const cell = new Cell('up');
    const heard: string[] = [];
    const stop = cell.subscribe((value) => heard.push(value));
    cell.set('up');
    cell.set('away');
    stop();
    cell.set('up');
    expect(heard).toEqual(['away']);
  });

  it('wakes a reader that waits when its iterator is returned', async () => {
    const reader = new Cell(1)[Symbol.asyncIterator]();
    await reader.next();
    const waiting = reader.next();
    await reader.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('a journal', () => {
  it('gives every reader every entry once, in order, however late it comes', async () => {
    const journal = new Journal<number>();
    journal.append(1);
    journal.append(2);
    const reader = journal[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe(1);
    const [second, third] = [reader.next(), reader.next()];
    journal.append(3);
    journal.end();
    journal.append(4);
    expect([(await second).value, (await third).value]).toEqual([2, 3]);
    expect((await reader.next()).done).toBe(true);
    const late: number[] = [];
    for await (const entry of journal) late.push(entry);
    expect(late).toEqual([1, 2, 3]);
  });

  it('gives a listener that itself appends no entry twice', () => {
    const journal = new Journal<number>();
    const heard: number[] = [];
    journal.subscribe((entry) => {
      heard.push(entry);
      if (entry < 3) journal.append(entry + 1);
    });
    journal.append(1);
    expect(heard).toEqual([1, 2, 3]);
  });
});
