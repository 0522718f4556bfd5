import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines that may wait to be read before the input is told to pause. */
const longestQueue = 256;

/**
 * Lines of an input, one at a time. `peek` gives the same line until `take` removes it, so that a wait for a line can
 * be given up (the match ended meanwhile) without losing what is typed next.
 */
export class LineReader {
  readonly #interface: Interface;
  readonly #lines: string[] = [];
  #ended = false;
  #change = Promise.withResolvers<void>();

  constructor(input: Readable) {
    this.#interface = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, terminal: false });
    this.#interface.on('line', (line) => {
      this.#lines.push(line);
      if (this.#lines.length >= longestQueue) this.#interface.pause();
      this.#wake();
    });
    this.#interface.once('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** The next line; undefined when the input has ended. */
  async peek(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#ended) await this.#change.promise;
    return this.#lines[0];
  }

  take(): void {
    this.#lines.shift();
    if (!this.#ended && this.#lines.length < longestQueue) this.#interface.resume();
  }

  close(): void {
    this.#interface.close();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
