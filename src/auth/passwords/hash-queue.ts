import { AuthError } from '../auth-error.ts';

export interface HashQueueOptions {
  /** Hashes at once. Each takes a thread of libuv's pool (four, shared with files and DNS) and its memory. */
  readonly inFlight: number;
  /** Requests that may wait; the next one is refused at once. */
  readonly waiting: number;
}

export const hashQueueDefaults: HashQueueOptions = { inFlight: 2, waiting: 64 };

/** Seconds after which a refused client should try again: about the time that a full queue takes. */
const retryAfterSeconds = 3;

/** Lets a bounded number of expensive jobs run, keeps a bounded number waiting in order, and refuses the rest at once. */
export class HashQueue {
  readonly #options: HashQueueOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** The options are read at each use. */
  constructor(options: HashQueueOptions = hashQueueDefaults) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws AuthError `busy`, before anything of the job has run; and whatever the job throws */
  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await job();
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#options.inFlight) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= this.#options.waiting) throw new AuthError('busy', { retryAfterSeconds });
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /**
   * A place is handed on, not freed and taken again, so that nobody can slip in between. Where the number of places has changed
   * meanwhile, this one is given up, or more are given out.
   */
  #leave(): void {
    this.#running -= 1;
    while (this.#running < this.#options.inFlight) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next();
    }
  }
}
