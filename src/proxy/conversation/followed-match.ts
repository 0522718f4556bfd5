import type { MatchId } from '../../protocol/ids.ts';
import type { LinkEvent } from '../../protocol/link-messages.ts';
import type { Seat } from '../../protocol/player-messages.ts';
import type { Feed, Follower } from '../feeds/feed.ts';
import type { FeedEvent } from '../feeds/feed-event.ts';
import { TurnPass } from '../policy/limits/turn-pass.ts';
import { Ask } from './ask.ts';
import type { PlayerSocket } from './player-socket.ts';

/**
 * One socket's place in one match. What it gives to the socket is the stream, each sequence once: as a notification,
 * or as the result of the request that the event answers.
 */
export class FollowedMatch implements Follower {
  readonly match: MatchId;
  readonly seat: Seat | null;
  readonly feed: Feed;
  position = 0;
  readonly #socket: PlayerSocket;
  readonly #turnPass = new TurnPass();
  /** Asks that a reply has answered with an event whose turn in the stream has not come. */
  readonly #answered = new Map<number, { ask: Ask; text: string }>();

  constructor(options: { socket: PlayerSocket; match: MatchId; seat: Seat | null; feed: Feed }) {
    this.#socket = options.socket;
    this.match = options.match;
    this.seat = options.seat;
    this.feed = options.feed;
  }

  /** When the event of this sequence is for this seat to make: always so when it is unknown whose turn it is. */
  turnPass(seq: number): TurnPass | undefined {
    if (this.seat === null || seq !== this.position + 1) return undefined;
    const { turn } = this.feed;
    return turn === undefined || turn === this.seat ? this.#turnPass : undefined;
  }

  take(event: FeedEvent): void {
    const ask = this.#askFor(event);
    if (ask === undefined) this.#socket.outbox.deliver(event.notification);
    else ask.result(event.body.toString('utf8'));
  }

  presence(text: string): void {
    this.#socket.outbox.offer(this.match, text);
  }

  broken(): void {
    this.#socket.outbox.close('restarting', { retryAfterMs: 500 });
  }

  /** A reply says that this event answers this ask: it becomes the result in its place in the stream. */
  answer(ask: Ask, event: { seq: number; text: string }): void {
    if (event.seq > this.position + 1) {
      this.#answered.set(event.seq, { ask, text: event.text });
      return;
    }
    // The next one: the stream will bring it again, and finds this position behind it.
    if (event.seq === this.position + 1) this.position = event.seq;
    ask.result(event.text);
  }

  /** Nothing more will come here. Answers that wait for their place are given without it. */
  end(): void {
    for (const { ask, text } of this.#answered.values()) ask.result(text);
    this.#answered.clear();
  }

  #askFor(event: FeedEvent): Ask | undefined {
    if (event.asker instanceof Ask && event.asker.socket === this.#socket) {
      const ask = event.asker;
      event.asker = undefined;
      if (!ask.isSettled) return ask;
    }
    const answered = this.#answered.get(event.seq);
    if (answered !== undefined) {
      this.#answered.delete(event.seq);
      if (!answered.ask.isSettled) return answered.ask;
    }
    return this.#ownCommand(event);
  }

  /**
   * After a loss the event may come through the stream before the answer to the command that caused it. It is known
   * by its command id, and by the seat, since another player may have chosen the same id.
   */
  #ownCommand(event: FeedEvent): Ask | undefined {
    for (const ask of this.#socket.inFlight) {
      if (ask.match !== this.match || ask.commandId === undefined || !answersWithEvent(ask)) continue;
      if (!event.body.includes(`"commandId":"${ask.commandId}"`)) continue;
      const { commandId, ...rest } = JSON.parse(event.body.toString('utf8')) as LinkEvent;
      const seat = 'seat' in rest ? rest.seat : undefined;
      if (commandId === ask.commandId && seat !== undefined && seat === this.seat) return ask;
    }
    return undefined;
  }
}

function answersWithEvent({ method }: Ask): boolean {
  return (
    method === 'match.move' ||
    method === 'match.resign' ||
    method === 'match.offerDraw' ||
    method === 'match.answerDraw' ||
    method === 'match.offerRematch'
  );
}
