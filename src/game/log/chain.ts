/**
 * Every row of the log carries a hash of itself and of the row before it, so that a flipped bit, a changed, a
 * missing or an exchanged row is noticed when the match is read.
 *
 *   chain(0) = SHA-256("castling match " + id)        chain(n) = SHA-256(chain(n - 1) + "\n" + body(n))
 */
import { hash } from 'node:crypto';
import type { MatchId } from '../../protocol/ids.ts';
import type { LoggedEvent } from '../match/logged-event.ts';

/** An event as it lies in the log. */
export interface SealedEvent {
  readonly event: LoggedEvent;
  /** The event as JSON. */
  readonly body: string;
  /** Base64url. */
  readonly chain: string;
}

export function chainStart(match: MatchId): string {
  return hash('sha256', `castling match ${match}`, 'base64url');
}

export function chainNext(previous: string, body: string): string {
  return hash('sha256', `${previous}\n${body}`, 'base64url');
}

/** Seals events that follow one another; `previous` is the chain value of the event before them. */
export function seal(previous: string, events: readonly LoggedEvent[]): SealedEvent[] {
  let chain = previous;
  return events.map((event) => {
    const body = JSON.stringify(event);
    chain = chainNext(chain, body);
    return { event, body, chain };
  });
}
