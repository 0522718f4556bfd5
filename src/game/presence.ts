import type { Pseudonym } from '../protocol/ids.ts';

/** Which players have at least one open channel, on whatever connection. */
export class Presence {
  readonly #channels = new Map<Pseudonym, number>();
  readonly #listeners = new Map<Pseudonym, Set<() => void>>();

  isOnline(player: Pseudonym): boolean {
    return this.#channels.has(player);
  }

  opened(player: Pseudonym): void {
    const count = this.#channels.get(player) ?? 0;
    this.#channels.set(player, count + 1);
    if (count === 0) this.#tell(player);
  }

  closed(player: Pseudonym): void {
    const count = this.#channels.get(player) ?? 0;
    if (count > 1) {
      this.#channels.set(player, count - 1);
    } else if (this.#channels.delete(player)) {
      this.#tell(player);
    }
  }

  /** Calls `listener` whenever the player comes or goes. */
  watch(player: Pseudonym, listener: () => void): void {
    let listeners = this.#listeners.get(player);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(player, listeners);
    }
    listeners.add(listener);
  }

  unwatch(player: Pseudonym, listener: () => void): void {
    const listeners = this.#listeners.get(player);
    if (listeners?.delete(listener) && listeners.size === 0) this.#listeners.delete(player);
  }

  #tell(player: Pseudonym): void {
    for (const listener of this.#listeners.get(player) ?? []) listener();
  }
}
