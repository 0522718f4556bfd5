import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from '../../../src/process/watch-files.ts';

let folder: string;
let file: string;
let stop = () => {};
let calls = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-watch-'));
  file = join(folder, 'file');
  calls = 0;
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true });
});

async function counted(): Promise<void> {
  calls += 1;
}

async function watch(): Promise<void> {
  stop = watchFiles({ paths: () => [file], changed: counted, everyMs: 10 });
  // Many looks, so that what is there counts as known.
  await sleep(500);
}

async function untilCalls(count: number): Promise<void> {
  while (calls < count) await sleep(5);
}

describe('watched files', () => {
  it('tell of being written, replaced, made and removed', async () => {
    writeFileSync(file, 'a');
    await watch();
    expect(calls).toBe(0);
    writeFileSync(file, 'bb');
    await untilCalls(1);
    writeFileSync(join(folder, 'next'), 'cc');
    renameSync(join(folder, 'next'), file);
    await untilCalls(2);
    rmSync(file);
    await untilCalls(3);
    writeFileSync(file, 'cc');
    await untilCalls(4);
  });

  it('count as changed once they are left alone', async () => {
    writeFileSync(file, '');
    stop = watchFiles({ paths: () => [file], changed: counted, everyMs: 200 });
    await sleep(500);
    const until = Date.now() + 1_000;
    while (Date.now() < until) {
      writeFileSync(file, `${Date.now()} ${Math.random()}`);
      await sleep(20);
    }
    expect(calls).toBe(0);
    await untilCalls(1);
  });
});
