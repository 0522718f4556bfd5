import type { MatchId } from '../protocol/ids.ts';
import type { LiveMatch } from './live-match.ts';

interface Entry {
  readonly ready: Promise<LiveMatch | undefined>;
  live: LiveMatch | undefined;
  /** How many have it on loan. */
  loans: number;
}

/**
 * Keeps matches in memory while they are on loan or in use, and for a while longer, up to a number of events
 * over all that rest; the one that has rested longest goes first. A match is loaded once however many ask for
 * it at once.
 *
 * Whoever follows a match keeps it on loan through {@link hold}; without that it could be loaded a second
 * time, and the two would not hear of each other's events.
 */
export class RestingMatches {
  readonly #load: (match: MatchId) => Promise<LiveMatch | undefined>;
  readonly #restingEventsMost: number;
  readonly #entries = new Map<MatchId, Entry>();
  /** Those not on loan, the one that has rested longest first. */
  readonly #resting = new Map<MatchId, number>();
  /** Commands of a copy that was let go of, until they are over: a fresh copy must know what they wrote. */
  readonly #leaving = new Map<MatchId, Promise<void>>();
  #restingEvents = 0;

  constructor({
    load,
    restingEvents = 100_000,
  }: {
    readonly load: (match: MatchId) => Promise<LiveMatch | undefined>;
    readonly restingEvents?: number;
  }) {
    this.#load = load;
    this.#restingEventsMost = restingEvents;
  }

  /** Matches in memory. */
  get size(): number {
    return this.#entries.size;
  }

  /** Lends a match for as long as `use` takes. */
  async lend<Result>(
    match: MatchId,
    use: (live: LiveMatch | undefined) => Result | Promise<Result>,
  ): Promise<Result> {
    const { live, release } = await this.hold(match);
    try {
      return await use(live);
    } finally {
      release();
    }
  }

  /** Lends a match until `release` is called, which must be once, for an unknown match too. */
  async hold(
    match: MatchId,
  ): Promise<{ readonly live: LiveMatch | undefined; readonly release: () => void }> {
    const entry = this.#borrow(match);
    try {
      return { live: entry.live ?? (await entry.ready), release: () => this.#giveBack(match, entry) };
    } catch (error) {
      this.#giveBack(match, entry);
      throw error;
    }
  }

  #borrow(match: MatchId): Entry {
    let entry = this.#entries.get(match);
    if (entry === undefined) {
      const before = this.#leaving.get(match);
      const ready = before === undefined ? this.#load(match) : before.then(() => this.#load(match));
      const created: Entry = { ready, live: undefined, loans: 0 };
      // Whoever lends sees the rejection; this only keeps the loaded match at hand.
      created.ready.then(
        (live) => {
          created.live = live;
        },
        () => {},
      );
      this.#entries.set(match, created);
      entry = created;
    }
    entry.loans += 1;
    this.#wake(match);
    return entry;
  }

  #giveBack(match: MatchId, entry: Entry): void {
    entry.loans -= 1;
    if (entry.loans > 0 || this.#entries.get(match) !== entry) return;
    if (entry.live === undefined) {
      this.#entries.delete(match);
      return;
    }
    const weight = entry.live.state.seq;
    this.#resting.set(match, weight);
    this.#restingEvents += weight;
    this.#forgetOldest();
  }

  /** Lets go of every copy that `keeps` does not speak for: somebody else may have written since. */
  forgetUnless(keeps: (match: MatchId) => boolean): void {
    for (const [match, entry] of this.#entries) {
      if (keeps(match)) continue;
      this.#wake(match);
      this.#entries.delete(match);
      if (entry.loans > 0) this.#awaitLast(match, entry);
    }
  }

  #awaitLast(match: MatchId, { ready }: Entry): void {
    const earlier = this.#leaving.get(match);
    const over = Promise.all([earlier, ready.then((live) => live?.retire())])
      .catch(() => {})
      .then(() => {
        if (this.#leaving.get(match) === over) this.#leaving.delete(match);
      });
    this.#leaving.set(match, over);
  }

  #wake(match: MatchId): void {
    const weight = this.#resting.get(match);
    if (weight === undefined) return;
    this.#resting.delete(match);
    this.#restingEvents -= weight;
  }

  #forgetOldest(): void {
    for (const match of this.#resting.keys()) {
      if (this.#restingEvents <= this.#restingEventsMost) return;
      this.#wake(match);
      this.#entries.delete(match);
    }
  }
}
