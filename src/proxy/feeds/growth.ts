/** Lets some wait for the next change, for a bounded time. */
export class Growth {
  readonly #waiters = new Set<() => void>();

  grew(): void {
    for (const wake of this.#waiters) wake();
  }

  /** Resolves at the next `grew`, or after the time (milliseconds). */
  next(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, patienceMs));
      this.#waiters.add(wake);
    });
  }
}
