import { Changes, iterateChanges } from './changes.ts';

/** What a reader of a {@link Cell} may do. */
export interface ReadonlyCell<T> extends AsyncIterable<T> {
  readonly value: T;
  /** Calls `listener` with every value from the next one on. Returns the function that stops it. */
  subscribe(listener: (value: T) => void): () => void;
}

/**
 * One value that changes. Iterating gives the present value and then each later one; a slow reader skips values that
 * were replaced before it looked, so nothing piles up. Fit for a state; a {@link Journal} is fit for events.
 */
export class Cell<T> implements ReadonlyCell<T> {
  readonly #changes = new Changes();
  #value: T;
  #version = 1;
  #ended = false;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (this.#ended || Object.is(value, this.#value)) return;
    this.#value = value;
    this.#version++;
    this.#changes.emit();
  }

  /** No value comes after this one; iterators end when they have given it. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#changes.emit();
  }

  subscribe(listener: (value: T) => void): () => void {
    let seen = this.#version;
    return this.#changes.subscribe(() => {
      if (seen === this.#version) return;
      seen = this.#version;
      listener(this.#value);
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    let seen = 0;
    return iterateChanges(this.#changes, () => {
      if (seen !== this.#version) {
        seen = this.#version;
        return { value: this.#value };
      }
      return this.#ended ? 'end' : 'nothing-yet';
    });
  }
}
