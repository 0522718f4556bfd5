import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults } from '../../src/settings/sections/limit-defaults.ts';
import { untilReady } from '../support/castling.ts';
import { unlimitedCalls } from '../support/constant-callers.ts';
import { freePorts } from '../support/free-ports.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const program = new URL('../../src/main.ts', import.meta.url).pathname;
const openFiles = 256;
const patient = { timeout: 30_000 };

describe('B15 floods of connections', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-flood-'));
  const certs = join(folder, 'certs');
  const processes: ChildProcess[] = [];
  const players: Player[] = [];
  let output = '';
  let port = 0;
  let castling: { readonly url: string; readonly ca: string };

  beforeAll(async () => {
    const [free = 0, linkPort = 0, adminPort = 0] = await freePorts(3);
    port = free;
    castling = { url: `https://localhost:${port}`, ca: join(certs, 'ca.pem') };
    execFileSync(process.execPath, [program, 'certs', '--certs', certs], { stdio: 'ignore' });
    const folders = ['--data', join(folder, 'data'), '--certs', certs];
    start(process.execPath, [program, 'backend', '--link-port', `${linkPort}`, ...folders]);
    const proxy = [program, 'proxy', '--host', '127.0.0.1', '--port', `${port}`];
    const rest = [
      '--admin-port',
      `${adminPort}`,
      '--link',
      `127.0.0.1:${linkPort}`,
      ...folders,
      ...unlimitedCalls,
    ];
    const limited = `ulimit -n ${openFiles}; exec "$@"`;
    start('/bin/sh', ['-c', limited, 'sh', process.execPath, ...proxy, ...rest]);
    await untilReady({ adminPort });
    for (const name of ['ada', 'grace']) players.push(await registerPlayer(castling, { name }));
  });
  afterAll(async () => {
    for (const { connection } of players) connection.close();
    await Promise.all(processes.map(end));
    rmSync(folder, { recursive: true });
  });

  function start(command: string, args: readonly string[]): void {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    processes.push(child);
  }

  /** Plays a whole match; every move is acknowledged. */
  async function playOneMatch(): Promise<void> {
    const [ada, grace] = players as [Player, Player];
    const first = await ada.connection.createMatch({ game: 'tic-tac-toe' });
    const second = await grace.connection.joinMatch({ code: first.code ?? '' });
    const { over } = observe(first);
    await Promise.all([playToTheEnd(first), playToTheEnd(second), over]);
  }

  function workerPid(): number {
    const [proxy] = processes.slice(1);
    const children = readFileSync(`/proc/${proxy?.pid}/task/${proxy?.pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]);
  }

  it('beyond the limit of open files do not end the process, nor touch the players, and accepting goes on after', async () => {
    const worker = workerPid();
    const opened = () => readdirSync(`/proc/${worker}/fd`).length;
    const strangers: Socket[] = [];
    for (let number = 0; number < 2 * openFiles; number += 1) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      strangers.push(socket);
    }
    await expect
      .poll(() => strangers.filter(({ destroyed }) => destroyed).length, patient)
      .toBeGreaterThan(openFiles);
    // Full, and yet something is left for the process itself.
    await expect.poll(opened, patient).toBeGreaterThan(openFiles / 2);
    expect(opened()).toBeLessThan(openFiles);
    await playOneMatch();

    for (const socket of strangers) socket.destroy();
    const since = performance.now();
    for (;;) {
      if (await handshakes()) break;
      expect(performance.now() - since).toBeLessThan(2_000);
    }
    expect(performance.now() - since).toBeLessThan(2_000);
    await playOneMatch();
    expect(workerPid()).toBe(worker);
    expect(output).not.toContain('a worker died');
    expect(output).toContain('few connections fit into the limit of open files');
  });

  function handshakes(): Promise<boolean> {
    return new Promise((resolve) => {
      const ca = readFileSync(castling.ca, 'utf8');
      const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
      socket.once('secureConnect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }
});

it('B15 five hundred sockets without a token: what is beyond the cap of one address goes at once, the rest within 10 s', async () => {
  await using rig = await ProxyRig.start({ backend: false });
  const ada = await rig.player('ada');
  const { strangers } = limitDefaults.address;
  const since = performance.now();
  const sockets = Array.from({ length: 500 }, () => rig.connect());
  const lived = await Promise.all(
    sockets.map(async ({ opened, closed }) => {
      const wasOpen = await opened.then(
        () => true,
        () => false,
      );
      const from = performance.now();
      const { code } = await closed;
      return { wasOpen, code, ms: performance.now() - from };
    }),
  );
  const open = lived.filter(({ wasOpen }) => wasOpen);
  // The one account behind the address makes its cap a little larger.
  expect(open.length).toBeLessThanOrEqual(strangers.base + strangers.perAccount);
  expect(open.length).toBeGreaterThan(0);
  expect(new Set(open.map(({ code }) => code))).toEqual(new Set([4502]));
  expect(Math.max(...open.map(({ ms }) => ms))).toBeLessThan(11_000);
  // Handshakes of hundreds in this very process come on top.
  expect(performance.now() - since).toBeLessThan(30_000);
  expect(ada.isClosed).toBe(false);
  expect((await ada.ask('match.get', { match: 'm_unknown' })).error).toBeDefined();
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
