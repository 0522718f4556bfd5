/** A real backend process for tests: the command's own code in a child, ready when its link listens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const runner = fileURLToPath(new URL('./backend-runner.ts', import.meta.url));

export interface BackendProcessOptions {
  readonly data: string;
  readonly certs: string;
  readonly port?: number;
  readonly extra?: readonly string[];
  /** Put before the command, such as `strace` with its options. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class BackendProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Resolves to the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  readonly #log: () => string;

  private constructor(child: ChildProcess, port: number, ended: Promise<number | string>, log: () => string) {
    this.child = child;
    this.port = port;
    this.ended = ended;
    this.#log = log;
  }

  static async start({
    data,
    certs,
    port = 0,
    extra = [],
    wrapper = [],
    env = {},
  }: BackendProcessOptions): Promise<BackendProcess> {
    const command = [
      ...[...wrapper, process.execPath, runner, 'backend', '--link-port', String(port)],
      ...['--data', data, '--certs', certs, ...extra],
    ];
    const [program = process.execPath, ...rest] = command;
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'test', ...env },
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    const ready = new Promise<number>((resolve) => {
      child.on('message', (message: { type: string; port: number }) => {
        if (message.type === 'ready') resolve(message.port);
      });
    });
    const failed = ended.then((code) => Promise.reject(new Error(`The backend ended with ${code}:\n${log}`)));
    failed.catch(() => {});
    return new BackendProcess(child, await Promise.race([ready, failed]), ended, () => log);
  }

  /** All that it has logged so far. */
  get log(): string {
    return this.#log();
  }

  /** Resolves at once when it has ended already. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    this.child.kill(signal);
    return await this.ended;
  }
}
