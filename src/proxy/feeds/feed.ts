/**
 * One stream of one match for one audience, shared by all sockets that follow it here. Whatever the link does (loss,
 * renewal, gaps, doubles), every follower gets every sequence after its position once, in order.
 *
 * ```
 *   link ──event──▶ accepted (contiguous) ──▶ dressed, in order ──▶ recent ──▶ each follower at its own position
 *            └─ gap ─▶ pages from the backend ──▲
 * ```
 */
import type { MatchId, Pseudonym } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type {
  Audience,
  LinkEvent,
  LinkSnapshot,
  Presence,
  Subscribed,
} from '../../protocol/link-messages.ts';
import { refuse } from '../../protocol/refusals.ts';
import type { Asker, StreamOwner } from '../link/link.ts';
import { readPayload } from '../link/read-payload.ts';
import type { DisplayNames } from './display-names.ts';
import { DressingQueue } from './dressing-queue.ts';
import { type FeedEvent, feedEvent } from './feed-event.ts';
import { Growth } from './growth.ts';
import { presenceText } from './presence-text.ts';
import { RecentEvents } from './recent-events.ts';
import { snapshotAfter } from './snapshot-after.ts';
import { type Turn, turnAfter } from './turn.ts';

/** One socket's place in a feed. */
export interface Follower {
  /** Sequence of the last event that it was given; moved by the feed. */
  position: number;
  /** Gives the next event. Clears `event.asker` when the event answered a request of this socket. */
  take(event: FeedEvent): void;
  /** Droppable: a newer one replaces it. */
  presence(text: string): void;
  /** The feed cannot go on; the socket must resume anew. */
  broken(): void;
}

/** Reads what lies further back than a feed keeps. */
export interface FeedHistory {
  /** Events after `after`, some or all, oldest first; `undefined` when they cannot be had. */
  page(after: number): Promise<readonly FeedEvent[] | undefined>;
}

export interface FeedOptions {
  readonly match: MatchId;
  readonly audience: Audience;
  /** The sequence after which the stream begins here. */
  readonly after: number;
  readonly history: FeedHistory;
  readonly names: DisplayNames;
  /** Told once when the feed cannot go on, after its followers. */
  readonly onBroken: (why: string) => void;
}

/** What became of a request to follow. `answer` runs in the turn in which the follower takes its place. */
export interface Joining {
  readonly follower: Follower;
  readonly after: number;
  /** The events given to `answer` reach at least to here. */
  readonly atLeast: number;
  answer(events: readonly FeedEvent[]): void;
  /** `too_many` for one answer; `unavailable` when the backend cannot tell or took too long. */
  failed(why: 'too_many' | 'unavailable'): void;
  /** The socket went meanwhile. */
  isGone(): boolean;
}

/** Bytes of events in one answer; a longer resume starts from a snapshot. */
const mostAnswerBytes = 512 * 1024;
const joinPatienceMs = 10_000;
const pageRetryMs = 1_000;
const refusedRetryMs = 1_000;

export class Feed implements StreamOwner {
  readonly match: MatchId;
  readonly audience: Audience;
  readonly #options: FeedOptions;
  readonly #recent: RecentEvents;
  readonly #followers = new Set<Follower>();
  readonly #growth = new Growth();
  readonly #dressing: DressingQueue;
  /** What is known of the turn, and up to which event. */
  #turn: { readonly seq: number; readonly turn: Turn | undefined } = { seq: -1, turn: undefined };
  /** What the backend has shown last, brought up to whichever event somebody wanted it for. */
  #shown: LinkSnapshot | undefined;
  /** Everything up to the backend's newest event has come. */
  #isCurrent = false;
  /** The newest sequence accepted; those that wait for a name are accepted too. */
  #accepted: number;
  /** Events that came while pages are fetched; `undefined` otherwise. */
  #ahead: { asker: Asker | undefined; event: () => void }[] | undefined;
  /** Counts the renewals: what an earlier one started must stop. */
  #renewal = 0;
  #isBroken = false;
  #isAway = false;
  #online: Presence['online'] | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.match = options.match;
    this.audience = options.audience;
    this.#accepted = options.after;
    this.#recent = new RecentEvents(options.after);
    this.#dressing = new DressingQueue({ names: options.names, publish: (event) => this.#publish(event) });
  }

  /** The newest sequence that followers have been given. */
  get head(): number {
    return this.#recent.head;
  }

  /** The newest sequence that has arrived. */
  get arrived(): number {
    return this.#accepted;
  }

  /** The seat to move after the newest event, null for none, `undefined` when nothing that came here tells. Read only when asked. */
  get turn(): Turn | undefined {
    const { head } = this;
    if (head <= this.#turn.seq) return this.#turn.turn;
    this.#turn = { seq: head, turn: turnAfter(this.#recent, this.#turn) };
    return this.#turn.turn;
  }

  /** What the backend has shown of the match, to this audience. */
  learn(snapshot: LinkSnapshot): void {
    const { seq, turn } = snapshot;
    if (seq > this.#turn.seq) this.#turn = { seq, turn };
    if (seq > (this.#shown?.seq ?? -1)) this.#shown = snapshot;
  }

  /**
   * What the backend would show now, worked out from its last word and the events since, when it is asked for; `undefined`
   * when they do not tell, and while events may be missing here.
   */
  get snapshot(): LinkSnapshot | undefined {
    if (!this.#isCurrent || this.#isBroken || this.#ahead !== undefined) return undefined;
    let shown = this.#shown;
    while (shown !== undefined && shown.seq < this.head) {
      const next = this.#recent.at(shown.seq + 1);
      shown = next && snapshotAfter(shown, JSON.parse(next.body.toString('utf8')) as LinkEvent);
    }
    this.#shown = shown;
    return shown;
  }

  get followers(): number {
    return this.#followers.size;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  // ---- from the link

  after(): number {
    this.#renewal += 1;
    this.#isCurrent = false;
    this.#dropAhead();
    return this.#accepted;
  }

  event(seq: number, payload: Uint8Array, detail: { namesPlayers: boolean; asker: Asker | undefined }): void {
    if (this.#isBroken) {
      refuseDropped(detail.asker);
      return;
    }
    if (this.#ahead !== undefined || seq > this.#accepted + 1) {
      const copy = Uint8Array.from(payload);
      this.#fetchGap(seq - 1);
      this.#ahead?.push({ asker: detail.asker, event: () => this.event(seq, copy, detail) });
      if ((this.#ahead?.length ?? 0) > limits.matchEvents)
        this.#break('too many events arrived ahead of a gap');
      return;
    }
    if (seq <= this.#accepted) {
      // A double. Who asked still needs the answer, and has seen the event or will see it in its place.
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      detail.asker?.replied({ text: bytes.toString('utf8'), namesPlayers: detail.namesPlayers });
      return;
    }
    if (!detail.namesPlayers) {
      this.#accepted = seq;
      this.#dressing.plain(feedEvent(seq, payload, { asker: detail.asker }));
      return;
    }
    const event = this.#read(payload, detail.asker);
    // Only now: an event that could not be read must come again with the next renewal.
    this.#accepted = seq;
    this.#dressing.named(event, detail.asker);
  }

  subscribed({ head, gap }: Subscribed): void {
    if (this.#isBroken) return;
    if (head < this.#accepted) {
      this.#break(`the backend knows ${head} events, ${this.#accepted} have been given out`);
      return;
    }
    if (gap === true) this.#fetchGap(head);
    this.#isCurrent = true;
    if (this.#isAway) {
      this.#isAway = false;
      this.#tellPresence();
    }
  }

  presence({ online }: Presence): void {
    this.#online = online;
    if (!this.#isAway) this.#tellPresence();
  }

  /** The link has been lost for long enough that followers should know. */
  away(): void {
    this.#isAway = true;
    this.#online = undefined;
    this.#tellPresence();
  }

  /** The name of a player has changed: events that say the old one are read and dressed anew for whoever comes. */
  renamed(pseudonym: Pseudonym): void {
    this.#recent.dropThroughLast(({ names }) => names.includes(pseudonym));
  }

  // ---- from the sockets

  /** Adds a follower once all that it must be told first is here. */
  async join(joining: Joining): Promise<void> {
    const deadline = performance.now() + joinPatienceMs;
    const gathered: FeedEvent[] = [];
    let bytes = 0;
    let position = joining.after;
    const gather = (event: FeedEvent | undefined): event is FeedEvent => {
      if (event === undefined || event.seq !== position + 1) return false;
      gathered.push(event);
      bytes += event.body.length;
      position = event.seq;
      return true;
    };
    while (true) {
      if (this.#isBroken) {
        joining.failed('unavailable');
        return;
      }
      while (position < this.head && gather(this.#recent.at(position + 1)));
      if (gathered.length > limits.resumeEvents || bytes > mostAnswerBytes) {
        joining.failed('too_many');
        return;
      }
      // No await lies between here and the follower's place, so that nothing can slip between.
      if (position >= this.head && position >= joining.atLeast) break;
      if (position >= this.head) {
        await this.#growth.next(deadline - performance.now());
      } else {
        const page = await this.#options.history.page(position);
        for (const event of page ?? []) gather(event);
        if (page === undefined || page.length === 0) {
          joining.failed('unavailable');
          return;
        }
      }
      if (joining.isGone()) return;
      if (performance.now() >= deadline) {
        joining.failed('unavailable');
        return;
      }
    }
    joining.follower.position = position;
    this.#followers.add(joining.follower);
    joining.answer(gathered);
    if (this.#isAway || this.#online !== undefined) joining.follower.presence(this.#presence());
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
  }

  /** Nobody follows any more, and nothing more will come. Joins under way fail. */
  end(): void {
    this.#isBroken = true;
    this.#followers.clear();
    this.#dropAhead();
    for (const asker of this.#dressing.drop()) refuseDropped(asker);
    this.#growth.grew();
  }

  // ---- within

  #read(payload: Uint8Array, asker: Asker | undefined): LinkEvent {
    try {
      return readPayload<LinkEvent>(payload);
    } catch (error) {
      refuseDropped(asker);
      throw error;
    }
  }

  #dropAhead(): void {
    const ahead = this.#ahead ?? [];
    this.#ahead = undefined;
    for (const { asker } of ahead) refuseDropped(asker);
  }

  #fetchGap(upTo: number): void {
    if (this.#ahead !== undefined) return;
    this.#ahead = [];
    void this.#fetchPages(upTo, this.#renewal);
  }

  async #fetchPages(upTo: number, renewal: number): Promise<void> {
    while (this.#accepted < upTo) {
      const page = await this.#options.history.page(this.#accepted);
      if (this.#isBroken || renewal !== this.#renewal) return;
      if (page === undefined) {
        // The backend is away or busy. A renewal takes over, or the next try succeeds.
        await this.#growth.next(pageRetryMs);
        if (this.#isBroken || renewal !== this.#renewal) return;
        continue;
      }
      const before = this.#accepted;
      for (const event of page) {
        if (event.seq !== this.#accepted + 1) continue;
        this.#accepted = event.seq;
        this.#dressing.plain(event);
      }
      if (this.#accepted === before) {
        this.#break('events between the last one and the next cannot be had');
        return;
      }
    }
    const ahead = this.#ahead ?? [];
    this.#ahead = undefined;
    for (const { event } of ahead) event();
  }

  #publish(event: FeedEvent): void {
    if (this.#isBroken) {
      refuseDropped(event.asker);
      return;
    }
    this.#recent.push(event);
    for (const follower of this.#followers) {
      // One that started from a snapshot may be ahead of the stream for a moment.
      if (event.seq !== follower.position + 1) continue;
      follower.position = event.seq;
      follower.take(event);
    }
    const asker = event.asker;
    event.asker = undefined;
    asker?.replied({ text: event.body.toString('utf8'), namesPlayers: false });
    this.#growth.grew();
  }

  #presence(): string {
    return presenceText(this.match, this.#isAway ? 'away' : 'up', this.#online);
  }

  #tellPresence(): void {
    const text = this.#presence();
    for (const follower of this.#followers) follower.presence(text);
  }

  #break(why: string): void {
    this.#isBroken = true;
    for (const follower of this.#followers) follower.broken();
    this.end();
    this.#options.onBroken(why);
  }
}

/** The command may have happened; asked again with its id, it is answered by the event that it led to. */
function refuseDropped(asker: Asker | undefined): void {
  asker?.refused(refuse('backend_unavailable', { retryAfterMs: refusedRetryMs }), false);
}
