/** Proxy and backend as processes of their own, so that a test can put something into the link between them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { untilReady } from './castling.ts';
import { freePorts } from './free-ports.ts';

const run = promisify(execFile);
/** Without the launcher in between, so that a process id is the program's own. */
const program = new URL('../../src/main.ts', import.meta.url).pathname;

/** Stands in the link: the proxy dials its port, and it dials the backend's. */
export interface LinkMiddle {
  readonly port: number;
  close(): void | Promise<void>;
}

export interface CastlingApart<Middle extends LinkMiddle> {
  readonly port: number;
  readonly linkPort: number;
  readonly url: string;
  readonly certs: string;
  readonly ca: string;
  readonly data: string;
  readonly backendPid: number;
  readonly middle: Middle;
  stop(): Promise<void>;
}

/** Starts both and waits until a player could play. */
export async function startCastlingApart<Middle extends LinkMiddle>(
  stand: (between: { readonly certs: string; readonly backendPort: number }) => Promise<Middle>,
): Promise<CastlingApart<Middle>> {
  const folder = mkdtempSync(join(tmpdir(), 'castling-apart-'));
  const certs = join(folder, 'certs');
  const data = join(folder, 'data');
  const [port = 0, linkPort = 0, adminPort = 0] = await freePorts(3);
  await run(process.execPath, [program, 'certs', '--certs', certs]);
  const middle = await stand({ certs, backendPort: linkPort });
  const processes: ChildProcess[] = [];
  const start = (command: string, flags: Readonly<Record<string, string | number>>) => {
    const args = Object.entries({ ...flags, '--data': data, '--certs': certs })
      .flat()
      .map(String);
    // The channel carries nothing: when this process is gone it closes, and the child drains.
    const child = spawn(process.execPath, [program, command, ...args], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    processes.push(child);
    return child;
  };
  const backend = start('backend', { '--link-port': linkPort });
  start('proxy', {
    '--host': '127.0.0.1',
    '--port': port,
    '--admin-port': adminPort,
    '--link': `127.0.0.1:${middle.port}`,
  });
  const stop = async () => {
    await Promise.all(processes.map(end));
    await middle.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady({ adminPort });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    linkPort,
    url: `https://localhost:${port}`,
    certs,
    ca: join(certs, 'ca.pem'),
    data,
    backendPid: backend.pid ?? 0,
    middle,
    stop,
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
