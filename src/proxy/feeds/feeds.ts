/** All streams that somebody here follows: one subscription for each match and audience, however many follow. */
import type { MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { Audience, LinkFollow } from '../../protocol/link-messages.ts';
import type { Backends } from '../link/backends.ts';
import type { Subscription } from '../link/link.ts';
import type { DisplayNames } from './display-names.ts';
import { Feed, type Follower } from './feed.ts';
import { linkHistory } from './link-history.ts';

export interface FeedsOptions {
  readonly backends: Backends;
  readonly names: DisplayNames;
  readonly logger: { warn(detail: object, message: string): void };
  /** Milliseconds that a stream is kept after its last follower left: a player who reconnects finds it warm. */
  readonly lingerMs?: number;
  /** Milliseconds that a backend may be away before followers are told; most losses are shorter. */
  readonly awayAfterMs?: number;
}

interface Entry {
  readonly feed: Feed;
  readonly subscription: Subscription;
  linger: NodeJS.Timeout | undefined;
  /** Joins under way; they hold the feed as followers do. */
  joining: number;
}

/** A match has one of the two. */
const onlookersAudiences: readonly Audience[] = ['all', 'spectators'];

export class Feeds {
  readonly #options: FeedsOptions;
  readonly #entries = new Map<string, Entry>();
  #awayTimer: NodeJS.Timeout | undefined;

  constructor(options: FeedsOptions) {
    this.#options = options;
    options.backends.observe({
      changed: () => {
        clearTimeout(this.#awayTimer);
        this.#awayTimer = setTimeout(() => this.#tellAway(), options.awayAfterMs ?? 500);
        this.#awayTimer.unref();
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The stream of a match for an audience, subscribed. A fresh one begins after `after`. The caller lets go of it with
   * `release` when its join is done, and takes its follower out with `leave`. `undefined` at the largest number.
   */
  hold(stream: { match: MatchId; audience: Audience; after: number }): Feed | undefined {
    const key = keyOf(stream);
    const entry = this.#entries.get(key) ?? this.#open(key, stream);
    if (entry === undefined) return undefined;
    clearTimeout(entry.linger);
    entry.joining += 1;
    return entry.feed;
  }

  /** What a stream of this match that is followed here shows to onlookers; `undefined` when none can tell. */
  forOnlookers(match: MatchId): LinkFollow | undefined {
    for (const audience of onlookersAudiences) {
      const snapshot = this.#entries.get(keyOf({ match, audience }))?.feed.snapshot;
      if (snapshot !== undefined) return { match, game: snapshot.game, seat: null, audience, snapshot };
    }
    return undefined;
  }

  release(feed: Feed): void {
    const entry = this.#entryOf(feed);
    if (entry === undefined) return;
    entry.joining -= 1;
    this.#lingerWhenUnused(entry);
  }

  leave(feed: Feed, follower: Follower): void {
    feed.leave(follower);
    const entry = this.#entryOf(feed);
    if (entry !== undefined) this.#lingerWhenUnused(entry);
  }

  /** The name of a player has changed. */
  renamed(pseudonym: Pseudonym): void {
    for (const { feed } of this.#entries.values()) feed.renamed(pseudonym);
  }

  close(): void {
    clearTimeout(this.#awayTimer);
    for (const { linger, feed } of this.#entries.values()) {
      clearTimeout(linger);
      feed.end();
    }
    this.#entries.clear();
  }

  #open(key: string, stream: { match: MatchId; audience: Audience; after: number }): Entry | undefined {
    const { backends, names, logger } = this.#options;
    const feed = new Feed({
      ...stream,
      names,
      history: linkHistory({ backends, names }, { match: stream.match, audience: stream.audience }),
      onBroken: (why) => {
        logger.warn({ match: stream.match, why }, 'a stream cannot go on; its followers start anew');
        this.#remove(key);
      },
    });
    const subscription = backends.subscribe(feed);
    if (subscription === undefined) return undefined;
    const entry: Entry = { feed, subscription, linger: undefined, joining: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  #entryOf(feed: Feed): Entry | undefined {
    const entry = this.#entries.get(keyOf(feed));
    // A broken feed may have been followed by a new one of the same key.
    return entry?.feed === feed ? entry : undefined;
  }

  #lingerWhenUnused(entry: Entry): void {
    if (entry.joining > 0 || entry.feed.followers > 0) return;
    clearTimeout(entry.linger);
    entry.linger = setTimeout(() => this.#remove(keyOf(entry.feed)), this.#options.lingerMs ?? 5_000);
    entry.linger.unref();
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    clearTimeout(entry.linger);
    this.#entries.delete(key);
    this.#options.backends.unsubscribe(entry.subscription);
    entry.feed.end();
  }

  #tellAway(): void {
    const { backends } = this.#options;
    for (const { feed } of this.#entries.values()) if (!backends.reaches(feed.match)) feed.away();
  }
}

function keyOf({ match, audience }: { match: MatchId; audience: Audience }): string {
  return `${match} ${audience}`;
}
