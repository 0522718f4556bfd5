/** Tells whoever listens that something has changed, without saying what: they look for themselves. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` at every change until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What a reader finds when it looks: the next value, nothing yet, or the end. */
export type Pulled<T> = { readonly value: T } | 'nothing-yet' | 'end';

/**
 * An async iterator over something that changes: it pulls until there is nothing, then sleeps until the next change.
 * `return()` (which leaving a `for await` calls) wakes it at once, so that no reader hangs on a quiet source.
 */
export function iterateChanges<T>(changes: Changes, pull: () => Pulled<T>): AsyncIterableIterator<T> {
  let stopped = false;
  let wake = () => {};
  let unsubscribe = () => {};

  async function next(): Promise<IteratorResult<T>> {
    while (!stopped) {
      const pulled = pull();
      if (pulled === 'end') break;
      if (pulled !== 'nothing-yet') return { done: false, value: pulled.value };
      await new Promise<void>((resolve) => {
        wake = resolve;
        unsubscribe = changes.subscribe(resolve);
      });
      unsubscribe();
    }
    return { done: true, value: undefined };
  }

  return {
    next,
    async return() {
      stopped = true;
      unsubscribe();
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
