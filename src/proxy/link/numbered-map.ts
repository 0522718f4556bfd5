const largest = 0xffff_ffff;

/** Things under numbers of 32 bits that count up from 1, skip those in use, and never exceed a count. */
export class NumberedMap<Value> implements Iterable<[number, Value]> {
  readonly #values = new Map<number, Value>();
  readonly #most: number;
  #last: number;

  constructor(most: number, { last = 0 } = {}) {
    this.#most = most;
    this.#last = last;
  }

  get size(): number {
    return this.#values.size;
  }

  get(number: number): Value | undefined {
    return this.#values.get(number);
  }

  /** Makes a value that knows its own number; `undefined` when there are too many. */
  add(make: (number: number) => Value): Value | undefined {
    const number = this.addNumbered(make);
    return number === undefined ? undefined : this.#values.get(number);
  }

  /** Like `add`, but gives the number. */
  addNumbered(make: (number: number) => Value): number | undefined {
    if (this.#values.size >= this.#most) return undefined;
    do this.#last = this.#last === largest ? 1 : this.#last + 1;
    while (this.#values.has(this.#last));
    this.#values.set(this.#last, make(this.#last));
    return this.#last;
  }

  delete(number: number): boolean {
    return this.#values.delete(number);
  }

  /** Removes and gives. */
  take(number: number): Value | undefined {
    const value = this.#values.get(number);
    this.#values.delete(number);
    return value;
  }

  /** In the order of adding. */
  [Symbol.iterator](): IterableIterator<[number, Value]> {
    return this.#values[Symbol.iterator]();
  }
}
