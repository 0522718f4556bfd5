import type { LinkEvent } from '../../protocol/link-messages.ts';
import type { Seat } from '../../protocol/player-messages.ts';
import type { FeedEvent } from './feed-event.ts';
import type { RecentEvents } from './recent-events.ts';

/** The seat to move, or null when nobody is. */
export type Turn = Seat | null;

/** Whose turn it is after all recent events, when it was `known` after one of them or before. */
export function turnAfter(
  recent: RecentEvents,
  known: { readonly seq: number; readonly turn: Turn | undefined },
): Turn | undefined {
  for (let seq = recent.head; seq > known.seq; seq -= 1) {
    const event = recent.at(seq);
    // What lies between has not been kept.
    if (event === undefined) return undefined;
    const turn = turnOf(event);
    if (turn !== undefined) return turn;
  }
  return known.turn;
}

/** What one event says of the turn; most say nothing. */
function turnOf({ body }: FeedEvent): Turn | undefined {
  const event = JSON.parse(body.toString('utf8')) as LinkEvent;
  switch (event.type) {
    case 'created':
    case 'ended':
      return null;
    case 'started':
    case 'moved':
      return event.turn;
    default:
      return undefined;
  }
}
