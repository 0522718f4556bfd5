import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Clone, cloneRepository, newcomerEnvironment, run } from '../support/bootstrap-clone.ts';
import { freePorts } from '../support/free-ports.ts';

let clone: Clone;
beforeAll(() => {
  clone = cloneRepository();
});
afterAll(() => clone[Symbol.dispose]());

async function ports() {
  const [port, linkPort, adminPort] = await freePorts(3);
  const flags = ['--port', port, '--link-port', linkPort, '--admin-port', adminPort].map(String);
  return { port, adminPort, flags };
}

const npm = (...args: string[]) =>
  run('npm', args, { cwd: clone.folder, env: newcomerEnvironment(clone.home) });
/** A process that has ended may stay as a zombie where nobody collects it. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const READY = /^Castling is ready at .*\n.*\n.*\n/m;

describe('G1 a fresh clone with an empty home', () => {
  it('starts by npm start alone, says what it does, and stops in order', async () => {
    const { port, adminPort, flags } = await ports();
    const started = npm('start', '--', ...flags);
    await started.until(READY);
    expect(started.output()).toMatch(/^Installing dependencies \(once\)…$/m);
    expect(started.output()).toMatch(/^Dependencies installed in \d+ s\.$/m);
    expect(started.output()).toMatch(/^ {2}created proxy\.pem/m);
    expect(started.output()).toContain(`Castling is ready at https://localhost:${port}`);
    expect(started.output()).toContain(`npx castling register NAME --url https://localhost:${port}`);
    expect(started.output()).toContain(`npx castling play tic-tac-toe --url https://localhost:${port}`);
    expect((await fetch(`http://127.0.0.1:${adminPort}/ready`)).status).toBe(200);

    // What a terminal does at Ctrl-C: every process of the group gets it.
    started.signalGroup('SIGINT');
    await started.ended;
    expect(started.output()).toMatch(/"kind":"drained"[^\n]*"msg":"stop"/);
    await expect(fetch(`http://127.0.0.1:${adminPort}/ready`)).rejects.toThrow();
    // Nothing but npm's own cache was written outside of the clone.
    expect(readdirSync(clone.home)).toEqual(['.npm']);
  });

  it('starts a second time without installing, on the same certificates', async () => {
    const ca = readFileSync(join(clone.folder, 'certs', 'ca.pem'), 'utf8');
    const { adminPort, flags } = await ports();
    const started = npm('start', '--', ...flags);
    await started.until(READY);
    expect(started.output()).not.toContain('Installing');
    expect(readFileSync(join(clone.folder, 'certs', 'ca.pem'), 'utf8')).toBe(ca);
    // npm alone: it ends at once, and what it began follows in order.
    started.signal('SIGTERM');
    await started.until(/"kind":"drained"[^\n]*"msg":"stop"/);
    await started.ended;
    await expect(fetch(`http://127.0.0.1:${adminPort}/ready`)).rejects.toThrow();
  });

  it('has the command as npx castling, on the pinned Node, without a word of npm’s in between', async () => {
    expect(existsSync(join(clone.folder, 'node_modules', '.bin', 'castling'))).toBe(true);
    const version = run('npx', ['castling', '--version'], {
      cwd: clone.folder,
      env: newcomerEnvironment(clone.home),
    });
    expect(await version.ended).toBe(0);
    expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('brings dependencies of an older lock file up to date before npm run check, which else found no types', async () => {
    const modules = join(clone.folder, 'node_modules');
    rmSync(join(modules, '.castling-installed'));
    rmSync(join(modules, 'undici'), { recursive: true });
    const lock = join(modules, '.package-lock.json');
    const installed = JSON.parse(readFileSync(lock, 'utf8'));
    delete installed.packages['node_modules/undici'];
    writeFileSync(lock, JSON.stringify(installed));
    const checked = npm('run', 'check', '--', 'house rules');
    expect(await checked.ended, checked.output()).toBe(0);
    expect(checked.output()).toMatch(/^Dependencies installed in /m);
    expect(checked.output()).toMatch(/^Check passed\.$/m);
    expect(existsSync(join(modules, 'undici', 'package.json'))).toBe(true);
  });

  it('leaves no process behind when the supervisor is killed', async () => {
    const { adminPort, flags } = await ports();
    const script = join(clone.folder, 'scripts', 'castling.js');
    const node = join(clone.folder, 'node_modules', '.bin', 'node');
    const supervisor = run(node, [script, 'start', ...flags], { env: newcomerEnvironment(clone.home) });
    await supervisor.until(READY);
    const pids = [...supervisor.output().matchAll(/"childPid":(\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(2);
    process.kill(supervisor.pid, 'SIGKILL');
    await vi.waitUntil(() => !pids.some(isAlive), { timeout: 12_000, interval: 50 });
    await expect(fetch(`http://127.0.0.1:${adminPort}/ready`)).rejects.toThrow();
  });
});
