/**
 * Keeps one connection to a backend alive and carries everything over it. Contract: LINK.md.
 *
 * ```
 *            ┌────────────── full jitter, 100 ms to 3 s ──────────────┐
 *            ▼                                                        │
 *   away: dialling ──hello──▶ up ──lost · silent · broken──▶ away: waiting
 *                              │                                      ▲
 *                              └─go-away─▶ leaving ──all answered, or 5 s
 * ```
 *
 * What must survive a connection lives here and not in it: channels, unanswered requests, subscriptions. A new
 * connection gets them in this order: channels, subscriptions, requests by age. A request keeps its number.
 */
import { randomUUID } from 'node:crypto';
import { type Frame, frameFlags, frameTypes } from '../../protocol/frame.ts';
import { limits } from '../../protocol/limits.ts';
import type {
  Elsewhere,
  GoAway,
  Hello,
  Members,
  Notice,
  Presence,
  Subscribed,
} from '../../protocol/link-messages.ts';
import { linkMethods, linkVersion } from '../../protocol/link-messages.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { Dial } from './dial-backend.ts';
import type {
  BackendAsker,
  Channel,
  ChannelOwner,
  Link,
  LinkObserver,
  LinkRequest,
  LinkState,
  StreamOwner,
  Subscription,
} from './link.ts';
import { LinkConnection } from './link-connection.ts';
import { LinkError, linkErrors } from './link-error.ts';
import { NumberedMap } from './numbered-map.ts';
import { type Pending, PendingRequests } from './pending-requests.ts';
import { readPayload, textOf } from './read-payload.ts';
import { reconnectDelay } from './reconnect-delay.ts';

/** The part of a pino logger that the link uses. */
export interface LinkLogger {
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}

export interface LinkClientOptions {
  readonly dial: Dial;
  readonly logger: LinkLogger;
  /** Told which backends are live, at each connection and each change. */
  readonly onMembers?: (members: Members) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  /** In [0, 1), for the pauses between dials. */
  readonly random?: () => number;
}

const sweepMs = 250;
const leaveMs = 5_000;
/** Bytes that wait to be written to the backend before players are read no more. */
const congestionBytes = 4 * 1024 * 1024;
const retryAfterMs = 1_000;

export class LinkClient implements Link {
  readonly #dial: Dial;
  readonly #logger: LinkLogger;
  readonly #onMembers: (members: Members) => void;
  readonly #now: () => number;
  readonly #random: () => number;
  /** A new one for every life of this process. */
  readonly #instance = randomUUID();
  readonly #channels = new NumberedMap<Channel>(limits.linkChannels);
  readonly #pending = new PendingRequests();
  readonly #subscriptions = new NumberedMap<Subscription>(limits.linkSubscriptions);
  readonly #observers: LinkObserver[] = [];
  readonly #drainCallbacks = new Set<() => void>();
  #phase: 'idle' | 'dialling' | 'up' | 'leaving' | 'waiting' | 'closed' = 'idle';
  #connection: LinkConnection | undefined;
  #games: NonNullable<Hello['games']> = [];
  #failures = 0;
  #redialTimer: NodeJS.Timeout | undefined;
  #leaveTimer: NodeJS.Timeout | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor({
    dial,
    logger,
    onMembers = () => {},
    now = () => performance.now(),
    random = Math.random,
  }: LinkClientOptions) {
    this.#dial = dial;
    this.#logger = logger;
    this.#onMembers = onMembers;
    this.#now = now;
    this.#random = random;
  }

  get state(): LinkState {
    if (this.#phase === 'closed') return 'closed';
    return this.#phase === 'up' ? 'up' : 'away';
  }

  get games(): NonNullable<Hello['games']> {
    return this.#games;
  }

  get congested(): boolean {
    return (this.#connection?.waiting ?? 0) > congestionBytes;
  }

  /** Begins to dial; returns at once. */
  start(): void {
    if (this.#phase !== 'idle') return;
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    void this.#connect();
  }

  /** Gives away the requests that are not answered, by age: others answer them now. */
  surrender(): BackendAsker[] {
    return this.#pending.clear();
  }

  /** Says go-away and ends. Unanswered requests are refused as `draining`. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    clearTimeout(this.#redialTimer);
    clearTimeout(this.#leaveTimer);
    clearInterval(this.#sweeper);
    this.#connection?.close('draining');
    this.#pending.refuseAll();
    this.#releaseDrained();
  }

  observe(observer: LinkObserver): void {
    this.#observers.push(observer);
  }

  whenDrained(callback: () => void): void {
    this.#drainCallbacks.add(callback);
  }

  openChannel(owner: ChannelOwner): Channel | undefined {
    const channel = this.#channels.add((number) => ({ number, owner }));
    if (channel !== undefined) this.#sendChannel(channel);
    return channel;
  }

  closeChannel(channel: Channel): void {
    if (!this.#channels.delete(channel.number)) return;
    this.#pending.forgetChannel(channel);
    this.#ready()?.send({ type: frameTypes.closeChannel, flags: 0, channel: channel.number, tag: 0 });
    this.#leaveWhenAnswered();
  }

  request(request: LinkRequest): Refusal | undefined {
    if (this.#phase === 'closed') return refuse('draining', { retryAfterMs });
    const pending = this.#pending.add(request, this.#now());
    if (pending === undefined) return refuse('too_many_in_flight', { rule: 'in-flight.link', retryAfterMs });
    if (this.#phase === 'up') this.#sendRequest(pending);
    return undefined;
  }

  subscribe(owner: StreamOwner): Subscription | undefined {
    const subscription = this.#subscriptions.add((number) => ({ number, owner }));
    if (subscription !== undefined) this.#sendSubscription(subscription);
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription.number)) return;
    this.#ready()?.send({ type: frameTypes.unsubscribe, flags: 0, channel: 0, tag: subscription.number });
  }

  /** The connection after hello, also while it is being left. */
  #ready(): LinkConnection | undefined {
    return this.#phase === 'up' || this.#phase === 'leaving' ? this.#connection : undefined;
  }

  async #connect(): Promise<void> {
    this.#phase = 'dialling';
    try {
      const socket = await this.#dial();
      if (this.#isClosed()) {
        socket.destroy();
        return;
      }
      this.#connection = new LinkConnection({
        socket,
        hello: { version: linkVersion, role: 'proxy', instance: this.#instance },
        now: this.#now,
        events: {
          ready: (hello) => this.#up(hello),
          frame: (frame) => this.#take(frame),
          goAway: (message) => this.#leave(message),
          drained: () => this.#releaseDrained(),
          closed: (error) => this.#lost(error),
        },
      });
    } catch (error) {
      this.#lost(error instanceof LinkError ? error : new LinkError('unreachable', { cause: error }));
    }
  }

  /** A getter of its own, since the phase may change while a promise is awaited. */
  #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #up(hello: Hello): void {
    this.#phase = 'up';
    this.#failures = 0;
    this.#pending.most = Math.min(hello.maxInFlight ?? limits.linkInFlight, limits.linkInFlight);
    this.#games = hello.games ?? [];
    this.#logger.info({ backend: hello.instance }, 'link up');
    for (const [, channel] of this.#channels) this.#sendChannel(channel);
    for (const [, subscription] of this.#subscriptions) this.#sendSubscription(subscription);
    for (const pending of this.#pending) this.#sendRequest(pending);
    for (const [, channel] of this.#channels) channel.owner.reopened();
    for (const observer of this.#observers) observer.up(hello);
  }

  #lost(error: LinkError): void {
    this.#connection = undefined;
    clearTimeout(this.#leaveTimer);
    if (this.#phase === 'closed') return;
    const wasReady = this.#phase === 'up' || this.#phase === 'leaving';
    this.#phase = 'waiting';
    this.#pending.connectionLost();
    const delay = reconnectDelay(this.#failures, this.#random);
    this.#failures += 1;
    const detail = { code: error.code, err: error, redialMs: Math.round(delay) };
    // The first loss and every unexpected one is told; the silence of a backend that stays away is not news.
    if (wasReady || !linkErrors[error.code].expected || this.#failures === 1) {
      this.#logger.warn(detail, 'link away');
    }
    this.#redialTimer = setTimeout(() => void this.#connect(), delay);
    this.#releaseDrained();
    if (wasReady) for (const observer of this.#observers) observer.away();
  }

  #leave(message: GoAway): void {
    this.#logger.info({ reason: message.reason }, 'the backend asks this proxy to dial again');
    if (message.reason === 'protocol_error') {
      this.#connection?.close(
        'draining',
        new LinkError('protocol_error', { cause: new Error(message.text) }),
      );
      return;
    }
    if (this.#phase !== 'up') return;
    this.#phase = 'leaving';
    this.#leaveTimer = setTimeout(() => this.#endLeft(), leaveMs);
    this.#leaveWhenAnswered();
  }

  #leaveWhenAnswered(): void {
    if (this.#phase === 'leaving' && !this.#pending.isAwaitingAnswers) this.#endLeft();
  }

  #endLeft(): void {
    this.#connection?.close('draining', new LinkError('gone_away'));
  }

  #sendChannel({ number, owner }: Channel): void {
    this.#ready()?.send({ type: frameTypes.openChannel, flags: 0, channel: number, tag: 0 }, owner.pseudonym);
  }

  #sendSubscription({ number, owner }: Subscription): void {
    const message = { match: owner.match, audience: owner.audience, after: owner.after() };
    this.#ready()?.send(
      { type: frameTypes.subscribe, flags: 0, channel: 0, tag: number },
      JSON.stringify(message),
    );
  }

  #sendRequest(pending: Pending): void {
    pending.sentNow = true;
    pending.sentEver = true;
    const channel = pending.channel?.number ?? 0;
    if (pending.traceparent !== undefined) {
      this.#connection?.send(
        { type: frameTypes.trace, flags: 0, channel, tag: pending.number },
        pending.traceparent,
      );
    }
    this.#connection?.send(
      { type: frameTypes.request, flags: linkMethods[pending.method], channel, tag: pending.number },
      pending.body,
    );
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case frameTypes.reply:
      case frameTypes.refusal:
        this.#answer(frame);
        return;
      case frameTypes.event:
        this.#event(frame);
        return;
      case frameTypes.elsewhere:
        this.#elsewhere(frame);
        return;
      case frameTypes.members:
        this.#onMembers(readPayload<Members>(frame.payload));
        return;
      // An unknown subscription or channel below: we let go of it while the frame was on its way.
      case frameTypes.subscribed:
        this.#subscriptions.get(frame.tag)?.owner.subscribed(readPayload<Subscribed>(frame.payload));
        return;
      case frameTypes.presence:
        this.#subscriptions.get(frame.tag)?.owner.presence(readPayload<Presence>(frame.payload));
        return;
      case frameTypes.notice:
        this.#channels.get(frame.channel)?.owner.notice(readPayload<Notice>(frame.payload));
    }
  }

  #answer(frame: Frame): void {
    // Read first: a request whose refusal cannot be read stays, and is asked again on the next connection.
    const refusal = frame.type === frameTypes.refusal ? readPayload<Refusal>(frame.payload) : undefined;
    const asker = this.#pending.take(frame.tag);
    if (asker === undefined) return;
    const namesPlayers = (frame.flags & frameFlags.namesPlayers) !== 0;
    if (refusal === undefined) asker.replied({ text: textOf(frame.payload), namesPlayers });
    else asker.refused(refusal, namesPlayers);
    this.#leaveWhenAnswered();
  }

  #elsewhere(frame: Frame): void {
    const detail = readPayload<Elsewhere>(frame.payload);
    this.#pending.take(frame.tag)?.elsewhere(detail);
    this.#leaveWhenAnswered();
  }

  #event(frame: Frame): void {
    if (frame.payload.length < 6) throw new LinkError('protocol_error');
    const asker = frame.channel === 0 ? undefined : this.#pending.take(frame.channel);
    const namesPlayers = (frame.flags & frameFlags.namesPlayers) !== 0;
    const { buffer, byteOffset } = frame.payload;
    const seq = new DataView(buffer, byteOffset, 4).getUint32(0);
    const owner = this.#subscriptions.get(frame.tag)?.owner;
    const body = frame.payload.subarray(4);
    if (owner !== undefined) owner.event(seq, body, { namesPlayers, asker });
    else asker?.replied({ text: textOf(body), namesPlayers });
    this.#leaveWhenAnswered();
  }

  #sweep(): void {
    this.#pending.refuseOverdue(this.#now(), refuse('backend_unavailable', { retryAfterMs }));
    this.#leaveWhenAnswered();
  }

  #releaseDrained(): void {
    if (this.#drainCallbacks.size === 0 || this.congested) return;
    const callbacks = [...this.#drainCallbacks];
    this.#drainCallbacks.clear();
    for (const callback of callbacks) callback();
  }
}
