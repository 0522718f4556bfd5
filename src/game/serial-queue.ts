/** Why a queue takes no more. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

/**
 * Runs tasks one after another, in the order in which they came. Bounded in all, and for each owner, so that
 * one player's commands cannot keep another's out. One who has a reserve (the player whose turn it is) gets in
 * however many others wait, and with one task more.
 */
export class SerialQueue {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #counts = new Map<string, number>();
  #length = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ most, mostOfOne }: { readonly most: number; readonly mostOfOne: number }) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  /** Tasks that wait or run. */
  get length(): number {
    return this.#length;
  }

  /** @throws QueueFull at once, and whatever the task throws */
  run<Result>(
    owner: string,
    task: () => Promise<Result>,
    { hasReserve = false }: { readonly hasReserve?: boolean } = {},
  ): Promise<Result> {
    const count = this.#counts.get(owner) ?? 0;
    const isFull = hasReserve
      ? count > this.#mostOfOne
      : count >= this.#mostOfOne || this.#length >= this.#most;
    if (isFull) {
      return Promise.reject(new QueueFull('Too many commands wait for this match.'));
    }
    this.#length += 1;
    this.#counts.set(owner, count + 1);
    const result = this.#tail.then(task).finally(() => this.#leave(owner));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Resolves when all that waits or runs now is over. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  #leave(owner: string): void {
    this.#length -= 1;
    const count = (this.#counts.get(owner) ?? 1) - 1;
    if (count === 0) this.#counts.delete(owner);
    else this.#counts.set(owner, count);
  }
}
