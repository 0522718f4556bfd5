import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboard } from '../../scripts/grafana-dashboard.ts';
import type { Figures } from '../../src/proxy/operator/top/figures.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { playToTheEnd, registerPlayer } from '../support/player.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'scripts', 'castling.js');
const monitoring = join(root, 'docs', 'monitoring');

let castling: RunningCastling;
beforeAll(async () => {
  castling = await startCastling({ backends: 2, args: ['--set', 'proxy.workers=2'] });
});
afterAll(async () => await castling[Symbol.asyncDispose]());

const data = () => join(castling.folder, 'data');

async function top(...args: string[]): Promise<string> {
  const command = [bin, 'top', '--once', ...args, '--data', data()];
  return (await run(process.execPath, command)).stdout;
}

async function metrics(): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${castling.adminPort}/metrics`)).text();
}

async function playOneMatch(): Promise<void> {
  const [ada, bo] = await Promise.all([
    registerPlayer(castling, { name: 'ada' }),
    registerPlayer(castling, { name: 'bo' }),
  ]);
  const mine = await ada.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
  const theirs = await bo.connection.joinMatch({ match: mine.id });
  await Promise.all([playToTheEnd(mine), playToTheEnd(theirs)]);
  ada.connection.close();
  bo.connection.close();
}

describe('an operator', () => {
  it('sees players’ moves, commits and every process of the machine in one place', async () => {
    const watching = spawn(process.execPath, [bin, 'top', '--json', '--every', '0.5', '--data', data()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const looks = createInterface(watching.stdout)[Symbol.asyncIterator]();
    const look = async () => JSON.parse(String((await looks.next()).value)) as Figures;
    let first = await look();
    // The second worker begins when the first is up.
    while (first.processes.length < 5 || first.obstacles.length > 0) first = await look();
    expect(first.processes.map(({ name }) => name.replace(/\d{3,}/, 'N')).sort()).toEqual(
      ['backend N', 'backend N', 'primary', 'worker 1', 'worker 2'].sort(),
    );
    await playOneMatch();
    // The shortest match has five moves; which look sees how many of them is chance.
    const seen: Figures[] = [];
    const inAll = (rate: 'moves' | 'commands') =>
      seen.reduce((sum, { rates, overMs }) => sum + (rates[rate] * overMs) / 1_000, 0);
    while (inAll('moves') < 4.5 || inAll('commands') < 4.5) seen.push(await look());
    expect(seen.some(({ move }) => (move.p99 ?? 0) > 0)).toBe(true);
    expect(seen.some(({ commit }) => (commit.p99 ?? 0) > 0)).toBe(true);
    expect(seen.at(-1)?.matches).toBeGreaterThan(0);
    watching.kill();
    expect(await top('--every', '0.5')).toMatch(/^castling {3}ready {3}up .*\n\nplayers /);
  });

  it('finds every metric that the dashboard and the alerts ask for', async () => {
    const shown = await metrics();
    const known = new Set([...shown.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? ''));
    const asked = async (file: string) => {
      const text = await readFile(join(monitoring, file), 'utf8');
      const names = [...text.matchAll(/\b(?:castling|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
      return [...new Set(names)].map((name) => name.replace(/_(bucket|count|sum)$/, ''));
    };
    for (const file of ['grafana-dashboard.json', 'alerts.yaml']) {
      const names = await asked(file);
      expect(names.length, file).toBeGreaterThan(4);
      expect(
        names.filter((name) => !known.has(name)),
        file,
      ).toEqual([]);
    }
  });

  it('hears which backend hangs, and of all other processes', async () => {
    const [hung = 0] = castling.backends();
    process.kill(hung, 'SIGSTOP');
    try {
      // Less than the silence that the asker itself would bear.
      const options = { timeout: 40_000 };
      const { stdout } = await run(process.execPath, [bin, 'status', '--data', data()], options);
      expect(stdout).toMatch(/^backend \d+ +The backend \d+ does not answer; it hangs\.$/m);
      expect(stdout).toMatch(/^backend \d+ +pid \d+/m);
      expect(stdout).toMatch(/^primary +pid/m);
      expect(await metrics()).toContain('castling_proxy_workers');
    } finally {
      process.kill(hung, 'SIGCONT');
    }
  });

  it('has the dashboard that its source says', async () => {
    const file = await readFile(join(monitoring, 'grafana-dashboard.json'), 'utf8');
    expect(JSON.parse(file)).toEqual(dashboard());
  });
});
