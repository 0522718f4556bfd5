/** A copy of this repository as a clone would have it: what git tracks, or would, and nothing that was installed. */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const repository = resolve(import.meta.dirname, '../..');

export interface Clone {
  readonly folder: string;
  /** An empty home of its own. */
  readonly home: string;
  [Symbol.dispose](): void;
}

export function cloneRepository(): Clone {
  const parent = mkdtempSync(join(tmpdir(), 'castling-clone-'));
  const folder = join(parent, 'castling');
  const home = join(parent, 'home');
  mkdirSync(home);
  copyRepository(folder);
  return { folder, home, [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }) };
}

/** Copies the files of the repository into a folder. */
function copyRepository(folder: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 16 * 1_048_576,
  });
  for (const path of listed.split('\0')) {
    // A file that was deleted and not committed yet is listed, and is not there.
    if (path === '' || !existsSync(join(repository, path))) continue;
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(repository, path), target);
  }
}

/** The environment of somebody who has just come: a home, a path, and nothing of this test run. */
export function newcomerEnvironment(home: string): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => !folder.includes('node_modules'))
    .join(':');
  return { HOME: home, PATH: path, LANG: 'C.UTF-8' };
}

export interface Running {
  /** Everything printed so far. */
  output(): string;
  /** Resolves when the pattern appears; rejects with all output when the process ends before. */
  until(pattern: RegExp): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Signals every process that descends from it, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** Ends with the exit code, or minus one after a signal. */
  readonly ended: Promise<number>;
  readonly pid: number;
}

/** Runs a program with its output collected. Nothing is on its standard input. */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Running {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  let hasEnded = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      notify();
    });
  }
  const ended = new Promise<number>((resolveEnd, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      hasEnded = true;
      resolveEnd(code ?? -1);
      notify();
    });
  });
  return {
    output: () => text,
    ended,
    pid: child.pid ?? -1,
    signal: (signal) => void child.kill(signal),
    signalGroup: (signal) => void process.kill(-(child.pid ?? 0), signal),
    until: (pattern) =>
      new Promise((resolveFound, reject) => {
        const look = () => {
          if (pattern.test(text)) resolveFound();
          else if (hasEnded) reject(new Error(`ended without ${pattern}:\n${text}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
  };
}
