import type { Pseudonym } from '../protocol/ids.ts';
import type { ChangedNotice } from '../protocol/link-messages.ts';
import type { ListName, Visibility } from '../protocol/player-messages.ts';
import type { Happening } from './match/logged-event.ts';

/** A channel whose player looks at the lobby. Compared by identity. */
export interface NewsChannel {
  changed(notice: ChangedNotice): void;
}

interface Watcher {
  readonly player: Pseudonym;
  /** Lists that have changed since this channel was last told. */
  readonly due: Set<ListName>;
}

/** Milliseconds between two notices to one channel, so that a busy lobby cannot make its watchers ask all the time. */
const pauseMs = 500;

/** What a kind of event changes in the lists of public matches. Moves change none: those lists do not tell of them. */
const changedBy: { readonly [Type in Happening['type']]?: readonly ListName[] } = {
  created: ['open'],
  joined: ['open'],
  started: ['open', 'live'],
  ended: ['open', 'live'],
};

/**
 * Tells channels that look at the lobby which of their lists have changed: at once when it has been quiet, and then
 * twice a second at most. It tells that something changed and not what, so nothing is lost by telling late or twice.
 * While nobody looks it costs one comparison an event.
 */
export class LobbyNews {
  readonly #watchers = new Map<NewsChannel, Watcher>();
  readonly #channels = new Map<Pseudonym, Set<NewsChannel>>();
  readonly #schedule: (run: () => void, ms: number) => unknown;
  #isPausing = false;

  constructor({
    schedule = setTimeout,
  }: { readonly schedule?: (run: () => void, ms: number) => unknown } = {}) {
    this.#schedule = schedule;
  }

  watch(player: Pseudonym, channel: NewsChannel): void {
    if (this.#watchers.has(channel)) return;
    this.#watchers.set(channel, { player, due: new Set() });
    const channels = this.#channels.get(player) ?? new Set();
    this.#channels.set(player, channels.add(channel));
  }

  unwatch(channel: NewsChannel): void {
    const watcher = this.#watchers.get(channel);
    if (watcher === undefined) return;
    this.#watchers.delete(channel);
    const channels = this.#channels.get(watcher.player);
    channels?.delete(channel);
    if (channels?.size === 0) this.#channels.delete(watcher.player);
  }

  /** An event of a match was logged; `players` hold its seats after it. */
  happened(
    type: Happening['type'],
    {
      visibility,
      players,
    }: { readonly visibility: Visibility; readonly players: readonly (Pseudonym | null)[] },
  ): void {
    if (this.#watchers.size === 0) return;
    for (const player of players) {
      for (const channel of (player !== null && this.#channels.get(player)) || []) {
        this.#watchers.get(channel)?.due.add('mine');
      }
    }
    const lists = visibility === 'public' ? changedBy[type] : undefined;
    if (lists !== undefined) {
      for (const { due } of this.#watchers.values()) for (const list of lists) due.add(list);
    }
    if (!this.#isPausing) this.#tellSoon(0);
  }

  #tellSoon(ms: number): void {
    this.#isPausing = true;
    this.#schedule(() => this.#tell(), ms);
  }

  #tell(): void {
    this.#isPausing = false;
    let told = 0;
    for (const [channel, { due }] of this.#watchers) {
      if (due.size === 0) continue;
      const lists = [...due];
      due.clear();
      told += 1;
      channel.changed({ method: 'lobby.changed', params: { lists } });
    }
    if (told > 0) this.#tellSoon(pauseMs);
  }
}
