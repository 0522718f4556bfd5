import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askControlForAll, type ProcessStatus } from '../../src/process/control/index.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { callConstantly, unlimitedCalls } from '../support/constant-callers.ts';
import { readLog } from '../support/logged-events.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';

const program = new URL('../../src/main.ts', import.meta.url).pathname;

describe('promise 13: workers that are replaced', () => {
  let castling: RunningCastling;
  let ca: string;
  const everyone: Player[] = [];

  beforeAll(async () => {
    castling = await startCastling({ args: ['--workers', '2', ...unlimitedCalls] });
    ca = readFileSync(castling.ca, 'utf8');
    for (const name of ['ada', 'grace', 'kay', 'lin'])
      everyone.push(await registerPlayer(castling, { name }));
    await vi.waitFor(async () => expect(await workers()).toHaveLength(2), { timeout: 30_000 });
  });
  afterAll(async () => {
    for (const { connection } of everyone) connection.close();
    await castling[Symbol.asyncDispose]();
  });

  /** The process ids of the workers that are ready. */
  async function workers(): Promise<number[]> {
    const data = join(castling.folder, 'data');
    const all = await askControlForAll<ProcessStatus>('GET /status', { data });
    return all
      .filter((one) => one.process.startsWith('worker') && one.reasons.length === 0)
      .map(({ pid }) => pid);
  }

  /** Plays one match after another until told to stop; the log must say what both players saw. */
  function playOn([host, guest]: readonly [Player, Player]): { stop(): Promise<number> } {
    let isOver = false;
    const playing = (async () => {
      let played = 0;
      while (!isOver) {
        const first = await host.connection.createMatch({ game: 'tic-tac-toe' });
        const second = await guest.connection.joinMatch({ code: first.code ?? '' });
        const views = [first, second].map(observe);
        await Promise.all([playToTheEnd(first), playToTheEnd(second)]);
        await Promise.all(views.map(({ over }) => over));
        const logged = readLog(castling).get(first.id) ?? [];
        for (const { seen } of views) expect(seen).toEqual(logged.slice(-seen.length));
        played += 1;
      }
      return played;
    })();
    return {
      stop: () => {
        isOver = true;
        return playing;
      },
    };
  }

  it('by castling reload, one after another: nobody is refused, and players play on', async () => {
    const before = await workers();
    const calls = callConstantly(castling, { ca, callers: 4 });
    const [ada, grace, kay, lin] = everyone as [Player, Player, Player, Player];
    const matches = [playOn([ada, grace]), playOn([kay, lin])];
    await expect.poll(() => calls.answered, { timeout: 30_000 }).toBeGreaterThan(20);

    const data = join(castling.folder, 'data');
    const run = promisify(execFile);
    const reload = run(process.execPath, [program, 'reload', '--data', data]);
    await vi.waitFor(() => expect(castling.output()).toContain('is being replaced'), { timeout: 30_000 });
    await expect(askControlForAll('POST /reload', { data })).rejects.toThrow(/being replaced already/);
    const { stdout } = await reload;
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^worker 1 is new \(pid \d+\)/),
      expect.stringMatching(/^worker 2 is new \(pid \d+\)/),
    ]);

    const after = await workers();
    expect(after).toHaveLength(2);
    expect(after.some((pid) => before.includes(pid))).toBe(false);
    const since = calls.answered;
    await expect.poll(() => calls.answered, { timeout: 30_000 }).toBeGreaterThan(since + 20);
    const played = await Promise.all(matches.map((match) => match.stop()));
    expect(Math.min(...played)).toBeGreaterThan(0);
    expect((await calls.stop()).failures).toEqual({});
  });

  it('by SIGUSR2, and one that somebody tells to end, alike', async () => {
    const calls = callConstantly(castling, { ca, callers: 4 });
    const [first = 0, second = 0] = await workers();
    process.kill(first, 'SIGTERM');
    await expect.poll(workers, { timeout: 30_000 }).toEqual([expect.any(Number), second]);
    await expect.poll(workers, { timeout: 30_000 }).not.toContain(first);
    const before = await workers();
    process.kill(castling.pidOf('proxy'), 'SIGUSR2');
    await expect
      .poll(async () => (await workers()).filter((pid) => !before.includes(pid)), { timeout: 60_000 })
      .toHaveLength(2);
    expect((await calls.stop()).failures).toEqual({});
  });

  it('after a kill -9: the others take the connections, and it is started again', async () => {
    const calls = callConstantly(castling, { ca, callers: 4 });
    const [first = 0] = await workers();
    process.kill(first, 'SIGKILL');
    await expect.poll(workers, { timeout: 30_000 }).not.toContain(first);
    await expect.poll(workers, { timeout: 30_000 }).toHaveLength(2);
    const { answered, failures } = await calls.stop();
    expect(answered).toBeGreaterThan(0);
    // What the dead one held is lost with it; no new connection was refused.
    expect(Object.keys(failures).filter((what) => what.includes('ECONNREFUSED'))).toEqual([]);
  });
});
