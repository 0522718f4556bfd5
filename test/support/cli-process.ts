import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../scripts/castling.js', import.meta.url));

export interface CliOptions {
  readonly home: string;
  readonly url: string;
  readonly ca?: string;
  readonly certs?: string;
}

/** One run of the `castling` command as its user runs it: a process of its own, with pipes. */
export class CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  /** The exit code, once both pipes are read to their end. */
  readonly done: Promise<number>;
  #change = Promise.withResolvers<void>();

  constructor(args: readonly string[], options: CliOptions) {
    const ca = options.ca === undefined ? [] : ['--ca', options.ca];
    this.child = spawn(process.execPath, [launcher, ...args, ...ca], { env: cliEnvironment(options) });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.child.stdin.on('error', () => {});
    this.done = once(this.child, 'close').then(([code, signal]) => {
      this.#wake();
      return code ?? (signal === null ? -1 : 128);
    });
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Types, and ends the input. */
  finish(text = ''): void {
    this.child.stdin.end(text);
  }

  /** Waits until standard output matches; fails with all that was printed when the process ends before. */
  async sees(pattern: RegExp | string, where: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpMatchArray> {
    let ended = false;
    const end = this.done.then(() => {
      ended = true;
    });
    for (;;) {
      const found = this[where].match(pattern);
      if (found !== null) return found;
      if (ended) throw new Error(`It never printed ${pattern}:\n${this.stdout}\n${this.stderr}`);
      await Promise.race([this.#change.promise, end]);
    }
  }

  /** The JSON objects printed so far. */
  get objects(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/** Runs a command to its end. `input` is all of its standard input. */
export async function runCli(
  args: readonly string[],
  options: CliOptions & { readonly input?: string },
): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = new CliProcess(args, options);
  run.finish(options.input ?? '');
  const code = await run.done;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

/** The environment of a user who has nothing but a PATH and a home. */
export function cliEnvironment({ home, url, certs }: CliOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    CASTLING_HOME: `${home}/castling`,
    CASTLING_URL: url,
    // A folder without a CA, unless a test has one: what lies in this clone must not count.
    CASTLING_CERTS: certs ?? `${home}/no-certs`,
    TERM: 'xterm-256color',
  };
}
