import type { ReadStream, WriteStream } from 'node:tty';

/** A screen of its own (xterm’s alternate buffer), so that what stood in the terminal is there again afterwards. */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';

export interface Tty {
  readonly stdout: WriteStream;
  readonly stdin: ReadStream;
}

/** The whole terminal, drawn anew each time, until somebody presses q, escape or Ctrl-C. */
export class FullScreen {
  readonly #tty: Tty;
  readonly #gone = new AbortController();
  #isOpen = true;
  readonly #putBack = () => {
    if (this.#isOpen) this.#tty.stdout.write(leave);
  };
  readonly #onKey = (bytes: Buffer) => {
    if (['q', 'Q', '\u0003', '\u001b'].includes(bytes.toString('latin1'))) this.#gone.abort();
  };

  constructor(tty: Tty) {
    this.#tty = tty;
    tty.stdout.write(enter);
    // The last resort: whatever ends the process, the terminal is as it was.
    process.once('exit', this.#putBack);
    if (tty.stdin.isTTY) {
      tty.stdin.setRawMode(true);
      tty.stdin.on('data', this.#onKey);
    }
  }

  /** Aborted when somebody wants to go. */
  get left(): AbortSignal {
    return this.#gone.signal;
  }

  /** Lines without control characters; what does not fit is cut off. */
  draw(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = this.#tty.stdout;
    const shown = lines.slice(0, rows).map((line) => `${line.slice(0, columns)}${eraseLine}`);
    this.#tty.stdout.write(`${home}${shown.join('\r\n')}${eraseBelow}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    const { stdin, stdout } = this.#tty;
    stdout.write(leave);
    this.#isOpen = false;
    process.off('exit', this.#putBack);
    if (!stdin.isTTY) return;
    stdin.off('data', this.#onKey);
    stdin.setRawMode(false);
    stdin.pause();
  }
}
