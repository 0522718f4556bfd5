/** Starts the peers: programs from Debian and servers of `../servers`, each on a port of its own, and waits until they listen. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../support/free-ports.ts';
import { BenchError } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { processTree } from '../harness/processes.ts';

export interface Program {
  readonly port: number;
  pids(): number[];
  stop(): Promise<void>;
}

const startMostMs = 30_000;
const stopMostMs = 10_000;

/** A server of `../servers`, given a port and what else it wants. */
export async function startServer(
  place: Place,
  { file, args = [] }: { readonly file: string; readonly args?: readonly string[] },
): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const program = join(import.meta.dirname, '..', 'servers', file);
  return await launch(place, { port, command: process.execPath, args: [program, String(port), ...args] });
}

/** One out of the peers’ own folder. */
export async function startPeerServer(
  place: Place,
  { file, args = [] }: { readonly file: string; readonly args?: readonly string[] },
): Promise<Program> {
  if (!existsSync(join(import.meta.dirname, '..', 'peers', 'node_modules'))) {
    throw new BenchError('The peers from npm are not installed; run: npm run bench:setup');
  }
  return await startServer(place, { file, args: [place.cert, place.key, ...args] });
}

export async function startHaproxy(
  place: Place,
  { upstreamPort }: { readonly upstreamPort: number },
): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const file = join(place.folder, `haproxy-${port}.cfg`);
  writeFileSync(
    file,
    `global
  maxconn 9500
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend edge
  bind 127.0.0.1:${port} ssl crt ${place.pem} alpn http/1.1
  default_backend games
backend games
  server game 127.0.0.1:${upstreamPort}
`,
  );
  return await launch(place, { port, command: 'haproxy', args: ['-db', '-f', file] });
}

export async function startNginx(
  place: Place,
  { upstreamPort }: { readonly upstreamPort: number },
): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const at = (name: string) => join(place.folder, `nginx-${port}-${name}`);
  const file = at('nginx.conf');
  writeFileSync(
    file,
    `daemon off;
worker_processes auto;
worker_rlimit_nofile 20000;
pid ${at('pid')};
error_log ${at('error.log')};
events { worker_connections 19000; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${place.cert};
    ssl_certificate_key ${place.key};
    ssl_session_cache shared:tls:10m;
    location / {
      proxy_pass http://127.0.0.1:${upstreamPort};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;
      proxy_read_timeout 1h;
    }
  }
}
`,
  );
  return await launch(place, {
    port,
    command: 'nginx',
    args: ['-p', place.folder, '-e', at('start.log'), '-c', file],
  });
}

/** Several programs as one: traffic goes to the first. */
export function together(...programs: readonly [Program, ...Program[]]): Program {
  return {
    port: programs[0].port,
    pids: () => programs.flatMap((program) => program.pids()),
    stop: async () => {
      for (const program of programs) await program.stop();
    },
  };
}

export async function launch(
  place: Pick<Place, 'folder'>,
  {
    port,
    command,
    args,
  }: { readonly port: number; readonly command: string; readonly args: readonly string[] },
): Promise<Program> {
  if (command !== process.execPath && spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0) {
    throw new BenchError(`${command} is not installed; run: npm run bench:setup`);
  }
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: place.folder,
    env: { ...process.env, NODE_ENV: 'production', CASTLING_UNSAFE_OLD_NODE: 'true' },
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  await listening(child, { port, said: () => said });
  return {
    port,
    pids: () => processTree(child.pid ?? 0),
    stop: () => end(child),
  };
}

async function listening(
  child: ChildProcess,
  { port, said }: { readonly port: number; readonly said: () => string },
): Promise<void> {
  for (const deadline = Date.now() + startMostMs; Date.now() < deadline; await sleep(25)) {
    if (child.exitCode !== null)
      throw new BenchError(`${child.spawnfile} ended with ${child.exitCode}: ${said()}`);
    if (await accepts(port)) return;
  }
  child.kill('SIGKILL');
  throw new BenchError(`${child.spawnfile} did not listen within ${startMostMs / 1_000} s: ${said()}`);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMostMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(hard);
}
