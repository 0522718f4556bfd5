import type { MatchStatus, Visibility } from '../../protocol/player-messages.ts';

/**
 * The game store. `events` is the truth; `matches` and `seats` repeat of it what lists and look-ups need, and
 * `commands` makes a player's command id unique across all matches. All four change in one transaction.
 *
 * Ids are the text that is on the wire. Measured against integer keys with a mapping, and against tables
 * without a rowid: 70 µs an event against 45 to 90, at groups of 100, where the sync alone costs more; not
 * worth a second name for everything.
 */
export interface GameSchema {
  matches: {
    id: string;
    game: string;
    visibility: Visibility;
    status: MatchStatus;
    code: string | null;
    /** JSON of a `MatchResult`. */
    result: string | null;
    /** Unix milliseconds. */
    created_at: number;
  };
  seats: {
    match: string;
    seat: number;
    player: string;
    /** 1 until the match is over. */
    open: number;
    /** Unix milliseconds. */
    since: number;
  };
  events: {
    match: string;
    seq: number;
    /** JSON of a `LoggedEvent`. */
    body: string;
    /** See `chain.ts`. */
    chain: string;
  };
  members: {
    /** `HOST:PORT` of the link. */
    id: string;
    life: string;
    /** Milliseconds of the members' shared clock. */
    lease_until: number;
  };
  /** One row. */
  epochs: { epoch: number };
  commands: {
    player: string;
    command: string;
    match: string;
    /** The event that answers the command. */
    seq: number;
    digest: string;
  };
}
