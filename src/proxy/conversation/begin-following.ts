import { limits } from '../../protocol/limits.ts';
import type { LinkFollow } from '../../protocol/link-messages.ts';
import type { MatchSnapshot } from '../../protocol/player-messages.ts';
import { refuse } from '../../protocol/refusals.ts';
import type { Joining } from '../feeds/feed.ts';
import type { FeedEvent } from '../feeds/feed-event.ts';
import type { Feeds } from '../feeds/feeds.ts';
import type { Ask } from './ask.ts';
import { FollowedMatch } from './followed-match.ts';

export interface Following {
  readonly feeds: Feeds;
  readonly ask: Ask;
  /** The backend's consent: without it nobody follows. */
  readonly reply: LinkFollow;
  readonly snapshot: MatchSnapshot;
}

/**
 * Answers create, join and watch, and puts the socket into the match's stream in the same turn, so that what follows the answer
 * is exactly what the answer does not hold. With `after`: every event since; without, or when they are too many: the snapshot.
 */
export function beginFollowing({ feeds, ask, reply, snapshot }: Following): void {
  const { match, game, seat, audience, code } = reply;
  const { socket, after } = ask;
  const here = snapshot.seq;
  const resumes = after !== undefined && here - after <= limits.resumeEvents;
  // A stream that begins here begins where this answer needs it; beyond the end it cannot.
  const start = resumes ? Math.min(after, here) : here;
  const feed = socket.isGone ? undefined : feeds.hold({ match, audience, after: start });
  if (feed === undefined) {
    ask.refuse(refuse('backend_unavailable', { retryAfterMs: 1_000 }));
    return;
  }
  feed.learn(reply.snapshot);
  const follower = new FollowedMatch({ socket, match, seat, feed });
  const head = { match, game, seat, ...(code === undefined ? {} : { code }) };
  const done = () => feeds.release(feed);
  const unavailable = () => {
    done();
    ask.refuse(refuse('backend_unavailable', { retryAfterMs: 1_000 }));
  };
  const isGone = () => {
    if (socket.isGone) done();
    return socket.isGone;
  };

  const fromSnapshot: Joining = {
    follower,
    after: here,
    // The stream may be behind the snapshot for a moment; it will come to it.
    atLeast: 0,
    isGone,
    failed: unavailable,
    answer(events) {
      socket.follow(follower);
      done();
      ask.result(JSON.stringify({ ...head, snapshot }));
      for (const { notification } of events) socket.outbox.deliver(notification);
    },
  };
  if (!resumes) {
    void feed.join(fromSnapshot);
    return;
  }
  if (after > Math.max(here, feed.arrived)) {
    done();
    ask.refuse(refuse('sequence_ahead'));
    return;
  }
  void feed.join({
    follower,
    after,
    atLeast: here,
    isGone,
    failed: (why) => (why === 'too_many' ? void feed.join(fromSnapshot) : unavailable()),
    answer(events) {
      socket.follow(follower);
      done();
      ask.result(`${JSON.stringify(head).slice(0, -1)},"events":[${joined(events)}]}`);
    },
  });
}

function joined(events: readonly FeedEvent[]): string {
  return events.map(({ body }) => body.toString('utf8')).join(',');
}
