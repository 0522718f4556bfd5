import type { Pseudonym } from '../../protocol/ids.ts';

/** Shown for a player whose name cannot be found: the account is gone, or the accounts cannot be read just now. */
export const unknownName = 'unknown';

export interface DisplayNamesOptions {
  /** From the accounts; may take a while and may fail. */
  readonly nameOf: (pseudonym: Pseudonym) => Promise<string | undefined>;
  /** Told of a failed look-up. */
  readonly onFailure?: (error: unknown) => void;
  /** Names kept at most. */
  readonly most?: number;
  /** Milliseconds that a look-up may hold events back. */
  readonly patienceMs?: number;
}

export type NameOf = (pseudonym: Pseudonym) => string;

/**
 * Turns the link's pseudonyms into names. A name that is known costs no promise, so that events are dressed in the
 * turn in which they come; one that is not holds back only what needs it, and never for longer than the patience.
 */
export class DisplayNames {
  readonly #options: Required<DisplayNamesOptions>;
  /** In the order of use, oldest first. */
  readonly #known = new Map<Pseudonym, string>();
  readonly #asked = new Map<Pseudonym, Promise<void>>();

  constructor({ nameOf, onFailure = () => {}, most = 20_000, patienceMs = 2_000 }: DisplayNamesOptions) {
    this.#options = { nameOf, onFailure, most, patienceMs };
  }

  /** Calls back with all names: at once when they are known, else as soon as they are, or when patience ends. */
  resolve(pseudonyms: readonly Pseudonym[], callback: (nameOf: NameOf) => void): void {
    const names = new Map<Pseudonym, string>();
    const missing: Promise<void>[] = [];
    for (const pseudonym of pseudonyms) {
      const name = this.#known.get(pseudonym);
      if (name === undefined) missing.push(this.#ask(pseudonym));
      else names.set(pseudonym, this.#touch(pseudonym, name));
    }
    const nameOf: NameOf = (pseudonym) => names.get(pseudonym) ?? this.#known.get(pseudonym) ?? unknownName;
    if (missing.length === 0) callback(nameOf);
    else void Promise.all(missing).then(() => callback(nameOf));
  }

  /** Remembers a name that is known from elsewhere, as a player signs in. */
  remember(pseudonym: Pseudonym, name: string): void {
    this.#known.delete(pseudonym);
    this.#known.set(pseudonym, name);
    if (this.#known.size <= this.#options.most) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  #touch(pseudonym: Pseudonym, name: string): string {
    this.#known.delete(pseudonym);
    this.#known.set(pseudonym, name);
    return name;
  }

  /** One look-up for a name, however many wait for it. Never rejects. */
  #ask(pseudonym: Pseudonym): Promise<void> {
    const asked = this.#asked.get(pseudonym);
    if (asked !== undefined) return asked;
    const { nameOf, onFailure, patienceMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    nameOf(pseudonym)
      .then((name) => {
        if (name !== undefined) this.remember(pseudonym, name);
      })
      .catch(onFailure)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
    void promise.then(() => this.#asked.delete(pseudonym));
    this.#asked.set(pseudonym, promise);
    return promise;
  }
}
