import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';

const support = new URL('../support/castling.ts', import.meta.url).href;

describe('a test run that is killed', () => {
  it('takes the Castling that it started with it, whose processes once lived on for hours', async () => {
    const script = `
      const { startCastling } = await import(${JSON.stringify(support)});
      const castling = await startCastling();
      console.log(JSON.stringify(['proxy', 'worker', 'backend'].map(castling.pidOf)));
      setInterval(() => {}, 1000);`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(runner.stdout, 'data')) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    expect(pids.every((pid) => existsSync(`/proc/${pid}`))).toBe(true);
    runner.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]), {
      timeout: 20_000,
      interval: 100,
    });
  });
});
