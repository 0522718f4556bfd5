import type { GameId } from '../../protocol/ids.ts';
import type { LinkListItem } from '../../protocol/link-messages.ts';
import type { ListName } from '../../protocol/player-messages.ts';
import type { Refusal } from '../../protocol/refusals.ts';

/** A list that is the same for everybody, but for who holds a seat in one of its matches. */
export interface ListWanted {
  readonly filter: Exclude<ListName, 'mine'>;
  readonly game: GameId | undefined;
  readonly limit: number;
}

export type ListItems = readonly LinkListItem[];

/** How an answer came about. */
export type ListSource = 'hit' | 'stale' | 'coalesced' | 'miss';

export interface ListReceiver {
  given(items: ListItems, source: ListSource): void;
  refused(refusal: Refusal): void;
}

export interface KeptListsOptions {
  /** Asks a backend; calls back once, in this turn or later. */
  readonly ask: (wanted: ListWanted, receiver: Omit<ListReceiver, 'given'> & ListArrival) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

interface ListArrival {
  arrived(items: ListItems): void;
}

/** Milliseconds after which a list is asked for again, and after which an old one is not given even while that is under way. */
export const listFreshMs = 500;
export const listStaleMs = 3_000;
/** Lists kept: one for each filter, game and length that anybody asks for. */
const listsMost = 64;

interface Kept {
  readonly items: ListItems;
  /** When the request for it left: what happened after that may be missing. */
  readonly askedAt: number;
}

/** One request to a backend, and those who wait for it. */
interface Flight {
  readonly waiting: ListReceiver[];
  /** What it brings is as of this moment. */
  readonly askedAt: number;
  /** Something has changed since: its answer is for those who asked before. */
  isOutdated: boolean;
}

interface Entry {
  readonly filter: ListWanted['filter'];
  kept: Kept | undefined;
  flight: Flight | undefined;
}

/** Lists of matches, asked for once for all who want them in the same moment, and given again while they are new. */
export class KeptLists {
  readonly #ask: KeptListsOptions['ask'];
  readonly #now: () => number;
  /** The list that was used last comes last. */
  readonly #entries = new Map<string, Entry>();

  constructor({ ask, now = () => performance.now() }: KeptListsOptions) {
    this.#ask = ask;
    this.#now = now;
  }

  /** What could be given at once. */
  peek(wanted: ListWanted): ListItems | undefined {
    const kept = this.#entries.get(keyOf(wanted))?.kept;
    return kept !== undefined && this.#age(kept) <= listStaleMs ? kept.items : undefined;
  }

  get(wanted: ListWanted, receiver: ListReceiver): void {
    const entry = this.#entry(wanted);
    const { kept } = entry;
    const age = kept === undefined ? Number.POSITIVE_INFINITY : this.#age(kept);
    if (kept === undefined || age > listStaleMs) {
      if (entry.flight === undefined) this.#begin(wanted, entry, [receiver]);
      else entry.flight.waiting.push(receiver);
      return;
    }
    const isFresh = age <= listFreshMs;
    if (!isFresh && entry.flight === undefined) this.#begin(wanted, entry, []);
    receiver.given(kept.items, isFresh ? 'hit' : 'stale');
  }

  /** Asks a backend now, whatever is kept or under way. */
  fresh(wanted: ListWanted, receiver: ListReceiver): void {
    this.#begin(wanted, this.#entry(wanted), [receiver]);
  }

  /** What these lists said is not so any more. */
  changed(lists: readonly ListName[]): void {
    for (const entry of this.#entries.values()) {
      if (!lists.includes(entry.filter)) continue;
      entry.kept = undefined;
      if (entry.flight !== undefined) entry.flight.isOutdated = true;
      entry.flight = undefined;
    }
  }

  #begin(wanted: ListWanted, entry: Entry, waiting: ListReceiver[]): void {
    const flight: Flight = { waiting, askedAt: this.#now(), isOutdated: false };
    entry.flight = flight;
    const over = () => {
      if (entry.flight === flight) entry.flight = undefined;
      return waiting.splice(0);
    };
    const asked = waiting[0];
    this.#ask(wanted, {
      arrived: (items) => {
        const { askedAt, isOutdated } = flight;
        if (!isOutdated && askedAt >= (entry.kept?.askedAt ?? 0)) entry.kept = { items, askedAt };
        for (const each of over()) each.given(items, each === asked ? 'miss' : 'coalesced');
      },
      refused: (refusal) => {
        for (const each of over()) each.refused(refusal);
      },
    });
  }

  #entry(wanted: ListWanted): Entry {
    const key = keyOf(wanted);
    const entry = this.#entries.get(key) ?? { filter: wanted.filter, kept: undefined, flight: undefined };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > listsMost) {
      const [oldest = ''] = this.#entries.keys();
      this.#entries.delete(oldest);
    }
    return entry;
  }

  #age({ askedAt }: Kept): number {
    return this.#now() - askedAt;
  }
}

function keyOf({ filter, game = '' as GameId, limit }: ListWanted): string {
  return `${filter} ${game} ${limit}`;
}
