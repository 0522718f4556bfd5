import { type FrameHeader, frameFlags, frameTypes } from '../../protocol/frame.ts';
import type { MatchId } from '../../protocol/ids.ts';
import type { Audience, LinkEvent, Subscribe, Subscribed } from '../../protocol/link-messages.ts';
import type { Seat } from '../../protocol/player-messages.ts';
import type { CommandOrigin, Follower, LiveMatch } from '../live-match.ts';
import { audiencesOf } from '../match/view.ts';
import type { Matches } from '../matches.ts';
import type { Ownership } from '../membership/ownership.ts';
import type { AnswerLane } from './answer-lane.ts';
import { eventPayload, namesPlayers } from './event-payload.ts';
import type { LinkLimits } from './link-limits.ts';
import { LinkViolation } from './link-violation.ts';
import { RequestTicket } from './request-ticket.ts';

/** What subscriptions need of their connection. */
export interface SubscriptionPort {
  send(header: FrameHeader, payload?: string | Uint8Array): void;
  /** Takes the ticket's request as answered. */
  settle(ticket: RequestTicket): void;
  /** Whether the peer is behind, so that what is droppable should be dropped. */
  isBehind(): boolean;
  failed(error: unknown, match: string): void;
}

interface Subscription {
  readonly match: MatchId;
  /** Undefined while the match is being loaded. */
  stop: (() => void) | undefined;
  cancelled: boolean;
}

/**
 * The subscriptions of one connection: for each, the events that were missed, `subscribed`, and then every
 * new event.
 */
export class Subscriptions {
  readonly #matches: Matches;
  readonly #ownership: Ownership;
  readonly #port: SubscriptionPort;
  readonly #connection: object;
  readonly #most: number;
  readonly #missedBytes: number;
  readonly #lane: AnswerLane;
  readonly #open = new Map<number, Subscription>();

  constructor({
    matches,
    ownership,
    port,
    connection,
    lane,
    limits,
  }: {
    readonly matches: Matches;
    readonly ownership: Ownership;
    readonly port: SubscriptionPort;
    readonly connection: object;
    readonly lane: AnswerLane;
    readonly limits: Pick<LinkLimits, 'subscriptions' | 'missedBytes'>;
  }) {
    this.#matches = matches;
    this.#ownership = ownership;
    this.#port = port;
    this.#connection = connection;
    this.#lane = lane;
    this.#most = limits.subscriptions;
    this.#missedBytes = limits.missedBytes;
  }

  /** @throws LinkViolation */
  subscribe(tag: number, request: Subscribe): void {
    if (tag === 0 || this.#open.has(tag)) throw new LinkViolation(`Subscription ${tag} cannot be made.`);
    if (this.#open.size >= this.#most)
      throw new LinkViolation(`More than ${this.#most} subscriptions were made.`);
    const subscription: Subscription = { match: request.match, stop: undefined, cancelled: false };
    this.#open.set(tag, subscription);
    this.#lane
      .run(() => this.#start(tag, subscription, request))
      .catch((error: unknown) => {
        this.#open.delete(tag);
        this.#port.failed(error, request.match);
        if (!subscription.cancelled) this.#subscribed(tag, { head: 0 });
      });
  }

  /** @throws LinkViolation */
  unsubscribe(tag: number): void {
    const subscription = this.#open.get(tag);
    // One that was refused is gone already, and the proxy may not have known that yet.
    if (subscription === undefined) return;
    this.#open.delete(tag);
    subscription.cancelled = true;
    subscription.stop?.();
  }

  /** Ends those whose match is not this backend's as it was before, and tells the proxy so. */
  moveUnless(kept: (match: MatchId) => boolean): void {
    for (const [tag, { match }] of [...this.#open]) {
      if (kept(match)) continue;
      this.unsubscribe(tag);
      this.#subscribed(tag, { head: 0, moved: true });
    }
  }

  closeAll(): void {
    for (const tag of [...this.#open.keys()]) this.unsubscribe(tag);
  }

  async #start(
    tag: number,
    subscription: Subscription,
    { match, audience, after }: Subscribe,
  ): Promise<void> {
    if (subscription.cancelled) return;
    if (!this.#ownership.owns(match)) {
      this.#open.delete(tag);
      return this.#subscribed(tag, { head: 0, moved: true });
    }
    const { live, release } = await this.#matches.hold(match);
    if (subscription.cancelled) return release();
    if (live === undefined || !audiencesOf(live.game).includes(audience)) {
      release();
      this.#open.delete(tag);
      return this.#subscribed(tag, { head: 0 });
    }
    // No await from here on: what is sent now and what is delivered later must have no gap between them.
    const follower = this.#followerFor({ tag, audience, live });
    const missed = this.#fitting(live.eventsAfter(after, audience));
    for (const event of missed ?? []) this.#event(event, { tag, answers: 0 });
    this.#subscribed(tag, { head: live.state.seq, ...(missed === undefined && { gap: true as const }) });
    live.follow(follower);
    follower.presence(live.online());
    subscription.stop = () => {
      live.unfollow(follower);
      release();
    };
  }

  /** Undefined for more than is sent to catch up. */
  #fitting(missed: readonly LinkEvent[] | undefined): readonly LinkEvent[] | undefined {
    let bytes = 0;
    for (const event of missed ?? []) bytes += eventPayload(event).length;
    return bytes > this.#missedBytes ? undefined : missed;
  }

  #followerFor({
    tag,
    audience,
    live,
  }: {
    readonly tag: number;
    readonly audience: Audience;
    readonly live: LiveMatch;
  }): Follower {
    const presence = (online: readonly Seat[]) => {
      if (this.#port.isBehind()) return;
      const header = { type: frameTypes.presence, flags: 0, channel: 0, tag };
      this.#port.send(header, JSON.stringify({ match: live.match, online }));
    };
    const deliver = (event: LinkEvent, origin: CommandOrigin | undefined) => {
      const ticket = this.#ticketAnsweredBy(origin, audience, live);
      this.#event(event, { tag, answers: ticket?.request ?? 0 });
      if (ticket) this.#port.settle(ticket);
    };
    return { audience, deliver, presence };
  }

  /**
   * The request that an event on this stream may answer: made on this connection, by a player whose view this
   * stream shows.
   */
  #ticketAnsweredBy(
    origin: CommandOrigin | undefined,
    audience: Audience,
    live: LiveMatch,
  ): RequestTicket | undefined {
    if (!(origin instanceof RequestTicket) || origin.connection !== this.#connection || !origin.open)
      return undefined;
    if (audience === 'all') return origin;
    const seat = Number(audience.slice('seat:'.length));
    return audience !== 'spectators' && live.state.seats[seat] === origin.channel?.player
      ? origin
      : undefined;
  }

  #event(event: LinkEvent, { tag, answers }: { readonly tag: number; readonly answers: number }): void {
    const flags = namesPlayers([event]) ? frameFlags.namesPlayers : 0;
    this.#port.send({ type: frameTypes.event, flags, channel: answers, tag }, eventPayload(event));
  }

  #subscribed(tag: number, payload: Subscribed): void {
    this.#port.send({ type: frameTypes.subscribed, flags: 0, channel: 0, tag }, JSON.stringify(payload));
  }
}
