import { BoundedCache } from '../../process/bounded-cache.ts';
import type { MatchId } from '../../protocol/ids.ts';
import type { LinkFollow } from '../../protocol/link-messages.ts';

export interface FinishedMatchesOptions {
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** Matches, bytes of one as JSON, and milliseconds. Nothing but offers of a rematch can follow the end; they become visible by then. */
const matchesMost = 500;
const bytesMost = 16 * 1024;
export const finishedKeptMs = 60_000;

/** What onlookers are shown of public matches that are over. */
export class FinishedMatches {
  readonly #now: () => number;
  readonly #kept = new BoundedCache<MatchId, { readonly follow: LinkFollow; readonly since: number }>(
    matchesMost,
  );

  constructor({ now = () => performance.now() }: FinishedMatchesOptions = {}) {
    this.#now = now;
  }

  get(match: MatchId): LinkFollow | undefined {
    const kept = this.#kept.get(match);
    if (kept === undefined) return undefined;
    if (this.#now() - kept.since <= finishedKeptMs) return kept.follow;
    this.#kept.delete(match);
    return undefined;
  }

  /** @param bytes of its JSON */
  learn(follow: LinkFollow, bytes: number): void {
    const { match, seat, snapshot } = follow;
    const isForAll = seat === null && snapshot.visibility === 'public' && snapshot.status === 'over';
    if (isForAll && bytes <= bytesMost) this.#kept.set(match, { follow, since: this.#now() });
  }
}
