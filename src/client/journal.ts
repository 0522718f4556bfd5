import { Changes, iterateChanges } from './changes.ts';

/** What a reader of a {@link Journal} may do. */
export interface ReadonlyJournal<T> extends AsyncIterable<T> {
  /** Everything so far, oldest first. */
  readonly entries: readonly T[];
  /** Calls `listener` with every entry from the next one on. Returns the function that stops it. */
  subscribe(listener: (entry: T) => void): () => void;
}

/**
 * A list that only grows. Every iterator starts at the first entry and gives each one once, in order, however late
 * it comes and however slowly it reads. The writer bounds the length: a match has at most `limits.matchEvents` events.
 */
export class Journal<T> implements ReadonlyJournal<T> {
  readonly #changes = new Changes();
  readonly #entries: T[] = [];
  #ended = false;

  get entries(): readonly T[] {
    return this.#entries;
  }

  append(entry: T): void {
    if (this.#ended) return;
    this.#entries.push(entry);
    this.#changes.emit();
  }

  /** Nothing comes after this; iterators end when they have given what there is. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#changes.emit();
  }

  subscribe(listener: (entry: T) => void): () => void {
    let next = this.#entries.length;
    return this.#changes.subscribe(() => {
      // A listener may itself cause an entry; `next` is moved first so that the inner call does not repeat this one.
      for (let entry = this.#entries[next]; entry !== undefined; entry = this.#entries[next]) {
        next++;
        listener(entry);
      }
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    let next = 0;
    return iterateChanges(this.#changes, () => {
      if (next < this.#entries.length) return { value: this.#entries[next++] as T };
      return this.#ended ? 'end' : 'nothing-yet';
    });
  }
}
