import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CliOptions, runCli } from './cli-process.ts';

const launcher = fileURLToPath(new URL('../../scripts/castling.js', import.meta.url));

/** `castling start` on free ports with data and certificates in a temporary folder. */
export interface RealServer {
  readonly url: string;
  readonly folder: string;
  readonly certs: string;
  /** A home folder in which a player of this name is registered and signed in. */
  player(name: string): Promise<CliOptions>;
  /** Kills the proxy or the backend as `kill -9` does; the supervisor starts another one. */
  kill(part: 'proxy' | 'backend'): Promise<void>;
  stop(): Promise<void>;
}

export async function startRealServer(): Promise<RealServer> {
  const folder = await mkdtemp(join(tmpdir(), 'castling-cli-'));
  const [port, linkPort, adminPort] = await freePorts(3);
  const certs = join(folder, 'certs');
  const ports = ['--port', port, '--link-port', linkPort, '--admin-port', adminPort].map(String);
  const child = spawn(
    process.execPath,
    [launcher, 'start', ...ports, '--data', join(folder, 'data'), '--certs', certs, '--host', '127.0.0.1'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH ?? '', HOME: folder } },
  );
  const log = new ServerLog(child);
  const url = `https://localhost:${port}`;
  await log.sees(/Castling is ready/);
  return {
    url,
    folder,
    certs,
    async player(name) {
      const options = { home: join(folder, `home-${name}`), url, certs };
      const input = `a fine password for ${name}\n`;
      const registered = await runCli(['register', name, '--password-stdin'], { ...options, input });
      if (registered.code !== 0) throw new Error(registered.stderr);
      return options;
    },
    async kill(part) {
      const started = [...log.text.matchAll(/\{.*"childPid":.*\}/g)].map(([line]) => JSON.parse(line));
      const { childPid } = started.findLast(({ child: name }) => name === part);
      process.kill(childPid, 'SIGKILL');
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

class ServerLog {
  text = '';
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        child.emit('printed');
      });
    }
  }

  async sees(pattern: RegExp): Promise<void> {
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error(`The server ended:\n${this.text}`);
    });
    ended.catch(() => {});
    while (!pattern.test(this.text)) await Promise.race([once(this.#child, 'printed'), ended]);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}
