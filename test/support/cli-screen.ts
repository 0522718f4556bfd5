import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CliOptions, cliEnvironment } from './cli-process.ts';

const run = promisify(execFile);
const launcher = fileURLToPath(new URL('../../scripts/castling.js', import.meta.url));

/** The `castling` command in a real terminal (tmux), with keys to press and a screen to look at. */
export class CliScreen {
  readonly #socket = `castling-${randomBytes(6).toString('hex')}`;

  static async open(
    args: readonly string[],
    options: CliOptions & { readonly columns: number; readonly rows: number },
  ): Promise<CliScreen> {
    const screen = new CliScreen();
    const variables = Object.entries(cliEnvironment(options)).map(([name, value]) => `${name}=${value}`);
    const size = ['-x', String(options.columns), '-y', String(options.rows)];
    const command = ['env', '-i', ...variables, process.execPath, launcher, ...args].map(quote).join(' ');
    // The shell stays to tell the exit code and the state of the terminal when the command has ended.
    const shell = `${command}; echo "exit code $?"; stty -a | grep -o -E -- '-?(icanon|echo)\\b'; cat`;
    await screen.#tmux('new-session', '-d', ...size, '/bin/sh', '-c', shell);
    return screen;
  }

  /** tmux names: `Left`, `Enter`, `C-c`, or text. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async text(): Promise<string> {
    const { stdout } = await this.#tmux('capture-pane', '-p');
    return stdout;
  }

  /** Looks until the screen matches. tmux tells nobody of changes, so it is asked again and again. */
  async shows(pattern: RegExp | string, withinMs = 30_000): Promise<string> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const text = await this.text();
      if (text.search(pattern) !== -1) return text;
      if (performance.now() > deadline) throw new Error(`The screen never showed ${pattern}:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async cursorIsVisible(): Promise<boolean> {
    const { stdout } = await this.#tmux('display-message', '-p', '#{cursor_flag}');
    return stdout.trim() === '1';
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => {});
  }

  #tmux(...args: readonly string[]): Promise<{ stdout: string }> {
    return run('tmux', ['-L', this.#socket, '-f', '/dev/null', ...args]);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
