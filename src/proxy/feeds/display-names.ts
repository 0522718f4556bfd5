import type { ShownPlayer } from '../../auth/index.ts';
import type { Pseudonym } from '../../protocol/ids.ts';

/** Shown for a player who cannot be found: the account is gone, or the accounts cannot be read just now. */
export const unknownPlayer: ShownPlayer = { name: 'unknown' };

export interface DisplayNamesOptions {
  /** From the accounts; may take a while and may fail. */
  readonly nameOf: (pseudonym: Pseudonym) => Promise<ShownPlayer | undefined>;
  /** Told of a failed look-up. */
  readonly onFailure?: (error: unknown) => void;
  /** Names kept at most. */
  readonly most?: number;
  /** Milliseconds that a look-up may hold events back. */
  readonly patienceMs?: number;
  /** Milliseconds after which a name is looked up again, in case its change was missed. */
  readonly freshMs?: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

export type NameOf = (pseudonym: Pseudonym) => ShownPlayer;

interface Known {
  readonly player: ShownPlayer;
  readonly since: number;
}

/**
 * Turns the link's pseudonyms into names. A name that is known costs no promise, so that events are dressed in the
 * turn in which they come; one that is not holds back only what needs it, and never for longer than the patience.
 */
export class DisplayNames {
  readonly #options: Required<DisplayNamesOptions>;
  /** In the order of use, oldest first. */
  readonly #known = new Map<Pseudonym, Known>();
  readonly #asked = new Map<Pseudonym, Promise<void>>();

  constructor({
    nameOf,
    onFailure = () => {},
    most = 20_000,
    patienceMs = 2_000,
    freshMs = 600_000,
    now = () => performance.now(),
  }: DisplayNamesOptions) {
    this.#options = { nameOf, onFailure, most, patienceMs, freshMs, now };
  }

  /** Calls back with all names: at once when they are known, else as soon as they are, or when patience ends. */
  resolve(pseudonyms: readonly Pseudonym[], callback: (nameOf: NameOf) => void): void {
    const names = new Map<Pseudonym, ShownPlayer>();
    const missing: Promise<void>[] = [];
    for (const pseudonym of pseudonyms) {
      const known = this.#known.get(pseudonym);
      if (known === undefined) missing.push(this.#ask(pseudonym));
      else names.set(pseudonym, this.#touch(pseudonym, known));
    }
    const nameOf: NameOf = (pseudonym) =>
      names.get(pseudonym) ?? this.#known.get(pseudonym)?.player ?? unknownPlayer;
    if (missing.length === 0) callback(nameOf);
    else void Promise.all(missing).then(() => callback(nameOf));
  }

  /** Remembers a name that is known from elsewhere, as a player signs in. */
  remember(pseudonym: Pseudonym, player: ShownPlayer): void {
    this.#known.delete(pseudonym);
    this.#known.set(pseudonym, { player, since: this.#options.now() });
    if (this.#known.size <= this.#options.most) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** The name has changed: it is looked up when it is needed next, and what is on its way does not count. */
  forget(pseudonym: Pseudonym): void {
    this.#known.delete(pseudonym);
    this.#asked.delete(pseudonym);
  }

  #touch(pseudonym: Pseudonym, known: Known): ShownPlayer {
    this.#known.delete(pseudonym);
    this.#known.set(pseudonym, known);
    // An old name is shown while a new look is under way: nobody waits for it.
    if (this.#options.now() - known.since > this.#options.freshMs) void this.#ask(pseudonym);
    return known.player;
  }

  /** One look-up for a name, however many wait for it. Never rejects. */
  #ask(pseudonym: Pseudonym): Promise<void> {
    const asked = this.#asked.get(pseudonym);
    if (asked !== undefined) return asked;
    const { nameOf, onFailure, patienceMs } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const isWanted = () => this.#asked.get(pseudonym) === promise;
    const timer = setTimeout(resolve, patienceMs);
    nameOf(pseudonym)
      .then((player) => {
        if (player !== undefined && isWanted()) this.remember(pseudonym, player);
      })
      .catch(onFailure)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
    void promise.then(() => {
      if (isWanted()) this.#asked.delete(pseudonym);
    });
    this.#asked.set(pseudonym, promise);
    return promise;
  }
}
