/** Slices of the window: the oldest one is forgotten at a time. */
const slices = 10;

/** Counts successes and failures of the last so many milliseconds, in constant memory. */
export class FailureWindow {
  readonly #sliceMs: number;
  readonly #failed = new Array<number>(slices).fill(0);
  readonly #succeeded = new Array<number>(slices).fill(0);
  /** The number, since the clock began, of the newest slice. */
  #newest = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slices;
  }

  add(outcome: 'succeeded' | 'failed', now: number): void {
    this.#moveTo(now);
    const counts = outcome === 'failed' ? this.#failed : this.#succeeded;
    const slice = this.#newest % slices;
    counts[slice] = (counts[slice] ?? 0) + 1;
  }

  /** Outcomes between nine and ten tenths of the window old may be forgotten already. */
  counts(now: number): { readonly failed: number; readonly succeeded: number } {
    this.#moveTo(now);
    return { failed: sum(this.#failed), succeeded: sum(this.#succeeded) };
  }

  clear(): void {
    this.#failed.fill(0);
    this.#succeeded.fill(0);
  }

  #moveTo(now: number): void {
    const current = Math.floor(now / this.#sliceMs);
    // However long nobody looked, each slice needs to be emptied once only.
    for (let step = Math.max(this.#newest, current - slices) + 1; step <= current; step += 1) {
      this.#failed[step % slices] = 0;
      this.#succeeded[step % slices] = 0;
    }
    this.#newest = Math.max(this.#newest, current);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
