import type { ControlAnswer } from '../../process/control/index.ts';

/** Answers that may wait to be read. Whoever reads more slowly than they come has enough of them. */
const mostWaiting = 10_000;

/** Answers as they come over a channel, to be read once. */
export class AnswerStream implements AsyncIterableIterator<ControlAnswer, void> {
  readonly #onCancel: () => void;
  readonly #waiting: ControlAnswer[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;

  /** `onCancel` is told once when nobody wants the rest. */
  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
  }

  push(answer: ControlAnswer): void {
    if (this.#isOver) return;
    this.#waiting.push(answer);
    if (this.#waiting.length > mostWaiting) this.cancel();
    this.#wake?.();
  }

  /** What waits can still be read. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.end();
    this.#onCancel();
  }

  async next(): Promise<IteratorResult<ControlAnswer, void>> {
    while (this.#waiting.length === 0 && !this.#isOver) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const value = this.#waiting.shift();
    return value === undefined ? { value: undefined, done: true } : { value, done: false };
  }

  async return(): Promise<IteratorResult<ControlAnswer, void>> {
    this.cancel();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
