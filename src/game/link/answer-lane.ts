/**
 * Runs what makes large answers (snapshots, lists, missed events) a few at a time, and none while the peer is
 * behind. Without it a proxy that keeps to every limit could ask, in one chunk, for more than may ever wait
 * to be written.
 */
export class AnswerLane {
  readonly #most: number;
  readonly #isBehind: () => boolean;
  #waiting: (() => Promise<unknown>)[] = [];
  #running = 0;
  #closed = false;

  constructor({ most, isBehind }: { readonly most: number; readonly isBehind: () => boolean }) {
    this.#most = most;
    this.#isBehind = isBehind;
  }

  /**
   * Resolves or rejects as the task does, which starts when its turn has come. Never settles once the lane is
   * closed.
   */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push(() => task().then(resolve, reject));
      this.advance();
    });
  }

  /** Starts what may start; called again whenever the peer has taken something. */
  advance(): void {
    while (!this.#closed && this.#running < this.#most && !this.#isBehind()) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      this.#running += 1;
      void start().finally(() => {
        this.#running -= 1;
        this.advance();
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }
}
