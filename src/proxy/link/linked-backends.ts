/**
 * The links to all live backends, as one. Which of them are live they say themselves: each tells the membership when it is
 * connected and whenever that changes, so one that can be reached is enough to learn of the rest.
 *
 * ```
 *   addresses from the settings ──dial──▶ link ──members──▶ membership of the latest epoch
 *                                                             │  new member: dial it, open every channel there
 *                                                             │  gone: its unanswered requests are sent to the new owners
 *                                                             └▶ every stream is taken from the owner of its match
 * ```
 *
 * A backend that is asked for what it does not own answers `elsewhere` and has done nothing, so asking again is safe; and
 * commands carry ids, so that one whose answer was lost with its backend may be sent again as well.
 */
import type { Duplex } from 'node:stream';
import type { MatchId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Elsewhere, Hello, Members } from '../../protocol/link-messages.ts';
import { type Membership, type OwnershipKey, ownerOf } from '../../protocol/ownership.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { About, Backends, BackendsRequest } from './backends.ts';
import type { Channel, ChannelOwner, LinkState, StreamOwner, Subscription } from './link.ts';
import { LinkClient, type LinkLogger } from './link-client.ts';
import { MovingStream } from './moving-stream.ts';
import { NumberedMap } from './numbered-map.ts';
import { RoutedAsk } from './routed-ask.ts';

export interface LinkedBackendsOptions {
  /** `HOST:PORT` of backends that are asked first; one that is alive is enough. */
  readonly addresses: readonly string[];
  readonly dial: (address: string) => Promise<Duplex>;
  readonly logger: LinkLogger;
}

/** Milliseconds until a backend that did not know better is asked again: it looks at the members about as often. */
const askAgainMs = 100;
/** Milliseconds that a backend which has left may take for the answers that it owes. */
const leaveMs = 5_000;

export class LinkedBackends implements Backends {
  readonly #options: LinkedBackendsOptions;
  /** By address from the settings. These are kept for as long as the proxy lives. */
  readonly #asked = new Map<string, LinkClient>();
  /** By id, those that count now. Until a backend has spoken, the addresses stand for the members. */
  #members = new Map<string, LinkClient>();
  #membership: Membership;
  readonly #lanes = new NumberedMap<Lane>(limits.linkChannels);
  readonly #streams = new NumberedMap<Subscription & { readonly stream: MovingStream }>(
    limits.linkSubscriptions,
  );
  readonly #observers: { changed(): void }[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #turn = 0;
  #isClosed = false;

  constructor(options: LinkedBackendsOptions) {
    this.#options = options;
    for (const address of options.addresses) this.#asked.set(address, this.#link(address));
    this.#members = new Map(this.#asked);
    this.#membership = { epoch: 0, members: options.addresses.map((id) => ({ id })) };
  }

  get state(): LinkState {
    if (this.#isClosed) return 'closed';
    return this.#up().length > 0 ? 'up' : 'away';
  }

  /** How many backends there are, and how many of them are connected. */
  get counts(): { readonly up: number; readonly away: number } {
    const up = this.#up().length;
    return { up, away: this.#links.length - up };
  }

  get games(): NonNullable<Hello['games']> {
    return this.#links.find(({ games }) => games.length > 0)?.games ?? [];
  }

  get congested(): boolean {
    return this.#links.some(({ congested }) => congested);
  }

  whenDrained(callback: () => void): void {
    const congested = this.#links.find((link) => link.congested);
    if (congested === undefined) callback();
    else congested.whenDrained(() => this.whenDrained(callback));
  }

  observe(observer: { changed(): void }): void {
    this.#observers.push(observer);
  }

  reaches(match: MatchId): boolean {
    return this.#ownerOf(match)?.state === 'up';
  }

  /** Begins to dial; returns at once. */
  start(): void {
    for (const link of this.#links) link.start();
  }

  /** Resolves when a backend is connected, or after so many milliseconds. */
  async whenUp(withinMs: number): Promise<void> {
    if (this.state === 'up') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, withinMs);
    this.observe({
      changed: () => {
        if (this.state === 'up') resolve();
      },
    });
    await promise;
    clearTimeout(deadline);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const link of new Set([...this.#links, ...this.#asked.values()])) link.close();
  }

  openChannel(owner: ChannelOwner): Channel | undefined {
    const lane = this.#lanes.add((number) => ({ number, owner, channels: new Map() }));
    if (lane === undefined) return undefined;
    for (const link of this.#links) {
      if (this.#openIn(lane, link)) continue;
      this.closeChannel(lane);
      return undefined;
    }
    return lane;
  }

  closeChannel({ number }: Channel): void {
    const lane = this.#lanes.take(number);
    for (const [link, channel] of lane?.channels ?? []) link.closeChannel(channel);
    lane?.channels.clear();
  }

  request(request: BackendsRequest): Refusal | undefined {
    if (this.#isClosed) return refuse('draining', { retryAfterMs: 1_000 });
    return this.#send(new RoutedAsk(request, (ask, detail) => this.#sendOn(ask, detail)));
  }

  subscribe(owner: StreamOwner): Subscription | undefined {
    const stream = new MovingStream(owner, (moved) => this.#later(() => this.#settle(moved)));
    const entry = this.#streams.add((number) => ({ number, owner, stream }));
    if (entry === undefined || this.#settle(stream)) return entry;
    this.#streams.delete(entry.number);
    return undefined;
  }

  unsubscribe({ number }: Subscription): void {
    this.#streams.take(number)?.stream.end();
  }

  // ---- whom to ask

  get #links(): LinkClient[] {
    return [...this.#members.values()];
  }

  #up(): LinkClient[] {
    return this.#links.filter(({ state }) => state === 'up');
  }

  #ownerOf(key: OwnershipKey): LinkClient | undefined {
    const id = ownerOf(key, this.#membership);
    return id === undefined ? undefined : this.#members.get(id);
  }

  /** In turn, those that are connected first. */
  #anyone(): LinkClient | undefined {
    const links = this.#up().length > 0 ? this.#up() : this.#links;
    this.#turn = (this.#turn + 1) % Math.max(1, links.length);
    return links[this.#turn];
  }

  #linksFor(about: About): LinkClient[] {
    if (about === 'everyone') return this.#links;
    const link = about === 'anyone' ? this.#anyone() : this.#ownerOf(about);
    return link === undefined ? [] : [link];
  }

  #send(ask: RoutedAsk): Refusal | undefined {
    const { channel: lane } = ask.request;
    let refusal: Refusal | undefined = refuse('backend_unavailable', { retryAfterMs: 1_000 });
    for (const link of this.#linksFor(ask.about)) {
      const channel = lane === undefined ? undefined : this.#lanes.get(lane.number)?.channels.get(link);
      if (lane !== undefined && channel === undefined) continue;
      const refused = link.request({ ...ask.request, channel, asker: ask });
      if (refused === undefined) refusal = undefined;
      else if (refusal !== undefined) refusal = refused;
    }
    return refusal;
  }

  /** The one that was asked does not own it. Where the two sides disagree, one of them has not heard of a change yet. */
  #sendOn(ask: RoutedAsk, { epoch, match }: Elsewhere): void {
    if (match !== undefined && epoch === this.#membership.epoch) this.#sendAgain(ask);
    else this.#later(() => this.#sendAgain(ask));
  }

  #sendAgain(ask: RoutedAsk): void {
    const { channel } = ask.request;
    // The socket has gone meanwhile.
    if (channel !== undefined && this.#lanes.get(channel.number) === undefined) ask.forget();
    if (ask.isOver) return;
    const refusal = this.#send(ask);
    if (refusal !== undefined) ask.refused(refusal, false);
  }

  #settle(stream: MovingStream): boolean {
    const link = this.#ownerOf(stream.match);
    return link === undefined || stream.settle(link);
  }

  // ---- who is there

  #link(address: string): LinkClient {
    const link: LinkClient = new LinkClient({
      dial: () => this.#options.dial(address),
      logger: this.#options.logger,
      onMembers: (members) => this.#learn(link, members),
    });
    const changed = () => {
      for (const observer of this.#observers) observer.changed();
    };
    link.observe({ up: changed, away: changed });
    return link;
  }

  /** A backend says who it is itself, so that one with two addresses has one link. */
  #learn(link: LinkClient, { self, ...membership }: Members): void {
    if (membership.epoch <= this.#membership.epoch) return;
    this.#members.set(self, link);
    this.#enter(membership);
  }

  #enter(membership: Membership): void {
    const before = this.#members;
    this.#membership = membership;
    this.#members = new Map(
      membership.members.map(({ id }) => [id, before.get(id) ?? this.#asked.get(id) ?? this.#link(id)]),
    );
    const now = new Set(this.#members.values());
    for (const link of now) {
      for (const [, lane] of this.#lanes) this.#openIn(lane, link);
      link.start();
    }
    for (const [, { stream }] of this.#streams) this.#settle(stream);
    for (const link of new Set(before.values())) if (!now.has(link)) this.#letGo(link);
    for (const [, { owner }] of this.#lanes) owner.reopened();
    for (const observer of this.#observers) observer.changed();
  }

  /** Its requests are answered within a moment, or by those that own them now. */
  #letGo(link: LinkClient): void {
    const end = () => {
      const unanswered = link.surrender();
      for (const [, { channels }] of this.#lanes) {
        const channel = channels.get(link);
        if (channel === undefined) continue;
        channels.delete(link);
        link.closeChannel(channel);
      }
      if (![...this.#asked.values()].includes(link)) link.close();
      for (const asker of unanswered) if (asker instanceof RoutedAsk) this.#sendAgain(asker);
    };
    const endIfGone = () => {
      if (!this.#links.includes(link)) end();
    };
    if (link.state !== 'up') {
      end();
      return;
    }
    link.observe({ up() {}, away: endIfGone });
    this.#later(endIfGone, leaveMs);
  }

  #openIn(lane: Lane, link: LinkClient): boolean {
    if (lane.channels.has(link)) return true;
    const channel = link.openChannel(lane.owner);
    if (channel !== undefined) lane.channels.set(link, channel);
    return channel !== undefined;
  }

  #later(run: () => void, ms = askAgainMs): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

/** One signed-in socket, with its channel on each link. */
interface Lane extends Channel {
  readonly channels: Map<LinkClient, Channel>;
}
