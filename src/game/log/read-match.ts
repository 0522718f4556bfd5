import type { MatchId } from '../../protocol/ids.ts';
import { causeOf, type LoggedEvent } from '../match/logged-event.ts';
import { apply, ImpossibleEvent, type MatchState } from '../match/match-state.ts';
import { chainNext, chainStart } from './chain.ts';
import { isLoggedEvent } from './logged-event-schema.ts';

/** A match as the log tells it. */
export interface StoredMatch {
  readonly state: MatchState;
  readonly events: readonly LoggedEvent[];
  /** The chain value of the last event. */
  readonly chain: string;
}

export interface EventRow {
  readonly seq: number;
  readonly body: string;
  readonly chain: string;
}

/**
 * The rows of one match do not make a match. Nothing of it may be served; other matches are not concerned.
 */
export class DamagedMatch extends Error {
  override readonly name = 'DamagedMatch';
  readonly match: MatchId;
  /** Where the first fault lies. */
  readonly seq: number;

  constructor(match: MatchId, seq: number, fault: string, options?: ErrorOptions) {
    super(`The log of match ${match} is damaged at sequence ${seq}: ${fault}.`, options);
    this.match = match;
    this.seq = seq;
  }
}

/**
 * Rebuilds a match from its rows, in order of sequence, checking each: no gap, the chain of hashes, the form,
 * and that the event can follow the one before. Undefined when there are no rows.
 *
 * @throws DamagedMatch naming the first row that is wrong
 */
export function readMatch(match: MatchId, rows: readonly EventRow[]): StoredMatch | undefined {
  let state: MatchState | undefined;
  let chain = chainStart(match);
  const events: LoggedEvent[] = [];
  for (const row of rows) {
    const seq = events.length + 1;
    if (row.seq !== seq) throw new DamagedMatch(match, seq, `sequence ${row.seq} follows ${seq - 1}`);
    chain = chainNext(chain, row.body);
    if (row.chain !== chain) throw new DamagedMatch(match, seq, 'its hash does not fit');
    const event = parse(row.body);
    if (event === undefined || event.seq !== seq) throw new DamagedMatch(match, seq, 'it is not an event');
    try {
      state = apply(state, event, match);
    } catch (cause) {
      if (!(cause instanceof ImpossibleEvent)) throw cause;
      throw new DamagedMatch(match, seq, cause.message, { cause });
    }
    events.push(event);
  }
  return state && { state, events, chain };
}

function parse(body: string): LoggedEvent | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isLoggedEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The key under which a match remembers a command that it obeyed. */
export function commandKey({
  player,
  command,
}: {
  readonly player: string;
  readonly command: string;
}): string {
  return `${player} ${command}`;
}

/** Which commands the events answered. */
export function obeyedIn(events: Iterable<LoggedEvent>): Map<string, { seq: number; digest: string }> {
  const obeyed = new Map<string, { seq: number; digest: string }>();
  for (const event of events) {
    const cause = causeOf(event);
    if (cause) obeyed.set(commandKey(cause), { seq: event.seq, digest: cause.digest });
  }
  return obeyed;
}
