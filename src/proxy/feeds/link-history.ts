import type { MatchId } from '../../protocol/ids.ts';
import type { Audience, LinkReplies } from '../../protocol/link-messages.ts';
import type { Backends } from '../link/backends.ts';
import type { DisplayNames } from './display-names.ts';
import { dressEvent, playersOfEvent } from './dress.ts';
import type { FeedHistory } from './feed.ts';
import { type FeedEvent, feedEvent } from './feed-event.ts';

/** Events of one page; many pages of this size fit a frame. */
const pageEvents = 250;

/** Reads a match's older events from its backend, dressed. */
export function linkHistory(
  { backends, names }: { backends: Backends; names: DisplayNames },
  stream: { match: MatchId; audience: Audience },
): FeedHistory {
  return {
    page(after) {
      return new Promise((resolve) => {
        const body = JSON.stringify({ ...stream, after, limit: pageEvents });
        const refused = backends.request({
          about: stream.match,
          channel: undefined,
          method: 'match.events',
          body,
          asker: {
            replied: ({ text }) => {
              const { events } = JSON.parse(text) as LinkReplies['match.events'];
              names.resolve(events.flatMap(playersOfEvent), (nameOf) => {
                resolve(
                  events.map(
                    (event): FeedEvent =>
                      feedEvent(event.seq, JSON.stringify(dressEvent(event, nameOf)), {
                        names: playersOfEvent(event),
                      }),
                  ),
                );
              });
            },
            refused: () => resolve(undefined),
          },
        });
        if (refused !== undefined) resolve(undefined);
      });
    },
  };
}
