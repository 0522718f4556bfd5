/** A whole Castling for tests: `castling start` as its user runs it, on free ports, with folders of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, freePortsInARow } from './free-ports.ts';

const root = new URL('../..', import.meta.url).pathname;
const bin = join(root, 'scripts', 'castling.js');
const startMostMs = 60_000;

/** `proxy` is the primary, which starts the workers; `worker` is one of those, which serve players. */
export type Role = 'proxy' | 'worker' | 'backend';

export interface RunningCastling {
  readonly folder: string;
  readonly port: number;
  readonly linkPort: number;
  readonly adminPort: number;
  readonly url: string;
  readonly ca: string;
  /** Everything printed so far, standard output and standard error. */
  output(): string;
  /** The process id of one role's process, found below the supervisor. */
  pidOf(role: Role): number;
  /** `kill -9` of one role's process, and nothing else; waits for it where it is being restarted. */
  kill(role: Role): Promise<void>;
  /** The process ids of all backends, by port. */
  backends(): number[];
  /** Waits until `/ready` answers 200. */
  ready(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CastlingOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** Default 1. */
  readonly backends?: number;
  /** A program that takes arguments of `castling start` and starts it, in place of Castling's own. */
  readonly starter?: string;
}

/** Starts it and waits until a player could play. */
export async function startCastling({
  env = {},
  args = [],
  backends = 1,
  starter,
}: CastlingOptions = {}): Promise<RunningCastling> {
  const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
  const [port, adminPort] = await freePorts(2);
  const linkPort = await freePortsInARow(backends);
  if (port === undefined || adminPort === undefined) throw new Error('no free ports');
  const certs = join(folder, 'certs');
  const flags = {
    '--host': '127.0.0.1',
    '--port': port,
    '--link-port': linkPort,
    '--backends': backends,
    '--admin-port': adminPort,
    '--data': join(folder, 'data'),
    '--certs': certs,
  };
  const child = spawn(
    process.execPath,
    [
      ...(starter === undefined ? [bin, 'start'] : [starter]),
      ...Object.entries(flags).flat().map(String),
      ...args,
    ],
    {
      // The channel carries nothing: when this process is gone, whatever ended it, it closes and Castling drains.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
    },
  );
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

  const castling: RunningCastling = {
    folder,
    port,
    linkPort,
    adminPort,
    url: `https://localhost:${port}`,
    ca: join(certs, 'ca.pem'),
    output: () => output,
    pidOf: (role) => pidOf(child, role),
    kill: async (role) => {
      const deadline = Date.now() + startMostMs;
      while (findPid(child, role) === undefined && Date.now() < deadline) await sleep(10);
      process.kill(pidOf(child, role), 'SIGKILL');
    },
    backends: () => pidsOf(child, 'backend'),
    ready: () => untilReady({ adminPort, child, output: () => output }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return await ended;
    },
    async [Symbol.asyncDispose]() {
      await castling.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await castling.ready();
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return castling;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one `castling` command to its end. `home` is the profile's folder, one a player. */
export function runCastling(
  castling: Pick<RunningCastling, 'url' | 'ca'>,
  {
    args,
    home,
    input = '',
  }: { readonly args: readonly string[]; readonly home: string; readonly input?: string },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [bin, ...args, '--url', castling.url, '--ca', castling.ca],
      { env: { ...process.env, CASTLING_HOME: home, CASTLING_KEYS: `${home}-keys` }, timeout: 60_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.end(input);
  });
}

/** Waits until the admin port says that a player could play. */
export async function untilReady({
  adminPort,
  child,
  output = () => '',
}: {
  readonly adminPort: number;
  readonly child?: ChildProcess;
  readonly output?: () => string;
}): Promise<void> {
  const deadline = Date.now() + startMostMs;
  while (Date.now() < deadline) {
    if (child !== undefined && child.exitCode !== null) {
      throw new Error(`castling start ended with ${child.exitCode}:\n${output()}`);
    }
    const answer = await fetch(`http://127.0.0.1:${adminPort}/ready`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(25);
  }
  throw new Error(`Castling was not ready in ${startMostMs} ms:\n${output()}`);
}

function pidOf(child: ChildProcess, role: Role): number {
  const pid = findPid(child, role);
  if (pid === undefined) throw new Error(`There is no ${role} process.`);
  return pid;
}

/** Walks the tree of processes, since the command may stand between the test and the supervisor. */
function findPid(child: ChildProcess, role: Role): number | undefined {
  return pidsOf(child, role)[0];
}

function pidsOf(child: ChildProcess, role: Role): number[] {
  const todo = [child.pid];
  const found: number[] = [];
  for (const pid of todo) {
    if (pid === undefined) continue;
    const command = read(`/proc/${pid}/cmdline`).split('\0');
    if (command[2] === role) found.push(pid);
    todo.push(...read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number));
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
