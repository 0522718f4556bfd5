/** Bytes that all recordings of one cache hold together. */
export class RecordingBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False when there is no room; then nothing is taken. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}

/** The body of an answer on its way into a store. */
export class Recording {
  readonly #budget: RecordingBudget;
  readonly #bodyMost: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor({ budget, bodyMost }: { readonly budget: RecordingBudget; readonly bodyMost: number }) {
    this.#budget = budget;
    this.#bodyMost = bodyMost;
  }

  /** False when it has become too large, or all recordings together have; it is over then. */
  add(chunk: Buffer): boolean {
    if (this.#bytes + chunk.length > this.#bodyMost || !this.#budget.take(chunk.length)) {
      this.finish();
      return false;
    }
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    return true;
  }

  /** The body; it counts for the budget no more. */
  finish(): Buffer {
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
    return Buffer.concat(this.#chunks.splice(0));
  }
}
