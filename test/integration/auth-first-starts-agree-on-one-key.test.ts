import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const script = new URL('../support/auth-first-start.ts', import.meta.url).pathname;

/** Each process once made a key of its own, and refused the tokens of the others. */
it('processes that start together on a new store agree on one key and one cost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
  const children = Array.from({ length: 4 }, () => fork(script, [`sqlite:${join(folder, 'auth.sqlite')}`]));
  try {
    await Promise.all(children.map(nextMessage));
    const reports = await Promise.all(
      children.map(async (child) => {
        const report = nextMessage(child);
        child.send('go');
        return await report;
      }),
    );
    expect(reports[0]).toEqual({
      kids: [expect.any(String)],
      memoryKib: expect.any(Number),
      passes: expect.any(Number),
    });
    for (const report of reports) expect(report).toEqual(reports[0]);
  } finally {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill();
        await ended;
      }),
    );
    rmSync(folder, { recursive: true });
  }
});

/** A child that fails says so by its end, not by a silence. */
async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const [message] = await Promise.race([
    once(child, 'message', { signal: ended.signal }),
    once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`A process ended with ${code ?? signal} before it reported.`);
    }),
  ]).finally(() => ended.abort());
  return message;
}
