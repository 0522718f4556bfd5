export interface RestingTableOptions<Key, Value> {
  readonly make: (key: Key) => Value;
  /** Whether a value at rest is worth keeping: one that remembers nothing is made anew as well. */
  readonly isWorthKeeping: (value: Value) => boolean;
  /** Values at rest. Those in use are bounded by what uses them: connections and sockets. */
  readonly mostResting: number;
}

/**
 * What is remembered of each key (an address, an account, a session). While somebody uses a value it stays; after that it
 * rests, so that who comes back at once finds the budget that was spent. Strangers choose keys, so what rests is bounded, and
 * the one at rest for longest is forgotten first.
 */
export class RestingTable<Key, Value> {
  readonly #options: RestingTableOptions<Key, Value>;
  readonly #inUse = new Map<Key, { readonly value: Value; users: number }>();
  /** A Map iterates in order of insertion: the first has rested longest. */
  readonly #resting = new Map<Key, Value>();
  /**
   * Stands before the one that has rested longest. Kept, since a new iterator would step over the place of everything deleted
   * since the map was last compacted: milliseconds for every stranger, once the table is full.
   */
  readonly #oldestFirst = this.#resting.keys();

  constructor(options: RestingTableOptions<Key, Value>) {
    this.#options = options;
  }

  get inUse(): number {
    return this.#inUse.size;
  }

  get resting(): number {
    return this.#resting.size;
  }

  /** How often it is in use. */
  users(key: Key): number {
    return this.#inUse.get(key)?.users ?? 0;
  }

  /** Each call is matched by one of `release`. */
  acquire(key: Key): Value {
    const used = this.#inUse.get(key);
    if (used !== undefined) {
      used.users += 1;
      return used.value;
    }
    const value = this.#resting.get(key) ?? this.#options.make(key);
    this.#resting.delete(key);
    this.#inUse.set(key, { value, users: 1 });
    return value;
  }

  release(key: Key): void {
    const used = this.#inUse.get(key);
    if (used === undefined) return;
    used.users -= 1;
    if (used.users > 0) return;
    this.#inUse.delete(key);
    if (!this.#options.isWorthKeeping(used.value)) return;
    this.#resting.set(key, used.value);
    if (this.#resting.size > this.#options.mostResting) {
      const oldest = this.#oldestFirst.next();
      if (!oldest.done) this.#resting.delete(oldest.value);
    }
  }
}
