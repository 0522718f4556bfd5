import type { Duplex } from 'node:stream';
import {
  type Frame,
  FrameError,
  type FrameHeader,
  firstOptionalType,
  frameTypes,
} from '../../protocol/frame.ts';
import { type GoAway, type Hello, linkVersion, type Members } from '../../protocol/link-messages.ts';
import type { Membership } from '../../protocol/ownership.ts';
import type { Ownership, OwnershipChange } from '../membership/ownership.ts';
import { AnswerLane } from './answer-lane.ts';
import { Channels } from './channels.ts';
import { FrameIntake } from './frame-intake.ts';
import { type LinkLimits, linkLimits } from './link-limits.ts';
import { asHello, asSubscribe } from './link-schemas.ts';
import { LinkViolation } from './link-violation.ts';
import { Outbox } from './outbox.ts';
import { readJson, readPseudonym } from './payload.ts';
import { RequestDesk } from './request-desk.ts';
import type { RequestServices } from './requests.ts';
import { Subscriptions } from './subscriptions.ts';

/** What a connection tells whoever watches over it. */
export interface ConnectionWatcher {
  /** The peer's hello fits. */
  greeted?(hello: Hello): void;
  violated?(text: string): void;
  /** Something failed by a fault of this program or its disk. */
  failed?(error: unknown, doing: string): void;
  closed?(reason: string): void;
}

export interface LinkConnectionOptions {
  /** A TLS socket whose peer has been checked. */
  readonly socket: Duplex;
  readonly services: RequestServices;
  /** This process's life. */
  readonly instance: string;
  readonly watcher?: ConnectionWatcher;
  readonly limits?: Partial<LinkLimits>;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/**
 * One proxy's connection, from its hello to its end. LINK.md is the contract.
 *
 * ```
 *            hello fits          go-away, from either side       nothing is due, or too late
 *  greeting ────────────▶ open ─────────────────────────▶ leaving ────────────────────────▶ ended
 *      │                    │                                │                                ▲
 *      └────────────────────┴── violation, silence, overflow, peer gone ──────────────────────┘
 * ```
 */
export class LinkConnection {
  readonly #socket: Duplex;
  readonly #watcher: ConnectionWatcher;
  readonly #limits: LinkLimits;
  readonly #now: () => number;
  readonly #intake: FrameIntake;
  readonly #outbox: Outbox;
  readonly #lane: AnswerLane;
  readonly #channels: Channels;
  readonly #subscriptions: Subscriptions;
  readonly #desk: RequestDesk;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #startedAt: number;
  readonly #ownership: Ownership;
  readonly #ended = Promise.withResolvers<void>();
  #state: 'greeting' | 'open' | 'leaving' | 'ended' = 'greeting';
  #lastSignAt: number;
  #leavingAt = 0;
  #pings = 0;

  constructor({ socket, services, instance, watcher = {}, limits, now }: LinkConnectionOptions) {
    this.#socket = socket;
    this.#watcher = watcher;
    this.#limits = { ...linkLimits, ...limits };
    this.#now = now ?? (() => performance.now());
    this.#startedAt = this.#now();
    this.#lastSignAt = this.#startedAt;
    const { matches, lobby, news, ownership } = services;
    this.#ownership = ownership;
    const failed = (error: unknown, doing: string) => this.#watcher.failed?.(error, doing);
    const send = (header: FrameHeader, payload?: string | Uint8Array) => this.#outbox.push(header, payload);
    this.#outbox = new Outbox({
      socket,
      bytesMost: this.#limits.waitingBytes,
      overflowed: () => this.#end('the proxy does not read'),
      written: () => this.#wrote(),
    });
    this.#intake = new FrameIntake({
      socket,
      take: (frame) => this.#take(frame),
      failed: (error) => this.#unreadable(error),
      mustPause: () => this.#isBehind() || this.#desk.working >= 2 * this.#limits.inFlight,
    });
    this.#lane = new AnswerLane({ most: this.#limits.largeAnswers, isBehind: () => this.#isBehind() });
    this.#desk = new RequestDesk({
      services,
      connection: this,
      limits: this.#limits,
      lane: this.#lane,
      send,
      failed,
      freed: () => this.#intake.resume(),
    });
    this.#channels = new Channels({
      presence: matches.presence,
      lobby,
      news,
      send,
      most: this.#limits.channels,
    });
    this.#subscriptions = new Subscriptions({
      matches,
      ownership,
      connection: this,
      lane: this.#lane,
      limits: this.#limits,
      port: {
        send,
        settle: (ticket) => this.#desk.settle(ticket),
        isBehind: () => this.#isBehind(),
        failed: (error, match) => failed(error, `subscribing to ${match}`),
      },
    });
    this.#heartbeat = setInterval(() => this.#beat(), this.#limits.heartbeatMs);
    socket.on('data', (chunk: Uint8Array) => this.#received(chunk));
    socket.on('end', () => this.#end('the proxy closed it'));
    socket.on('error', (error: Error) => this.#end(error.message));
    socket.on('close', () => this.#end('the proxy is gone'));
    this.#say('hello', helloFrom(services, { instance, maxInFlight: this.#limits.inFlight }));
  }

  /** Resolves when the connection is over. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Answers what is due, and ends when nothing is, or when it has taken too long. */
  goAway(reason: GoAway['reason'], text: string): void {
    if (this.#state !== 'greeting' && this.#state !== 'open') return;
    this.#say('goAway', { reason, text });
    this.#leave();
  }

  /** Ends at once. */
  close(reason: string): void {
    this.#end(reason);
  }

  /** The live backends have changed: what this one has let go of is followed elsewhere from now on. */
  membersChanged(change: OwnershipChange): void {
    if (this.#state !== 'open' && this.#state !== 'leaving') return;
    this.#sayMembers(change.view);
    this.#subscriptions.moveUnless(change.kept);
  }

  #sayMembers(view: Membership): void {
    if (view.members.length === 0) return;
    const members: Members = { ...view, self: this.#ownership.self };
    this.#outbox.push({ type: frameTypes.members, flags: 0, channel: 0, tag: 0 }, JSON.stringify(members));
  }

  #received(chunk: Uint8Array): void {
    this.#lastSignAt = this.#now();
    this.#intake.push(chunk);
  }

  #wrote(): void {
    // While this side does not read, that the peer takes what was written is the only sign of its life.
    if (this.#intake.paused) this.#lastSignAt = this.#now();
    this.#lane.advance();
    this.#intake.resume();
  }

  #isBehind(): boolean {
    return this.#outbox.waiting > this.#limits.pauseBytes;
  }

  #take(frame: Frame): void {
    if (this.#state === 'greeting') {
      this.#greet(frame);
      return;
    }
    switch (frame.type) {
      case frameTypes.ping:
        this.#outbox.push({ type: frameTypes.pong, flags: 0, channel: 0, tag: frame.tag });
        break;
      case frameTypes.pong:
        break;
      case frameTypes.goAway:
        this.#leave();
        break;
      case frameTypes.openChannel:
        this.#channels.open(frame.channel, readPseudonym(frame.payload));
        break;
      case frameTypes.closeChannel:
        for (const ticket of this.#channels.close(frame.channel).tickets) this.#desk.settle(ticket);
        break;
      case frameTypes.request:
        this.#desk.take(frame, this.#channels.get(frame.channel));
        break;
      case frameTypes.trace:
        this.#desk.trace(frame);
        break;
      case frameTypes.subscribe: {
        const request = asSubscribe(readJson(frame.payload));
        if (request === undefined) throw new LinkViolation('A subscribe frame does not fit its schema.');
        this.#subscriptions.subscribe(frame.tag, request);
        break;
      }
      case frameTypes.unsubscribe:
        this.#subscriptions.unsubscribe(frame.tag);
        break;
      default:
        if (frame.type < firstOptionalType)
          throw new LinkViolation(`A frame of type ${frame.type} is not due.`);
    }
  }

  #greet(frame: Frame): void {
    if (frame.type !== frameTypes.hello) throw new LinkViolation('The first frame was no hello.');
    const hello = asHello(readJson(frame.payload));
    if (hello === undefined) throw new LinkViolation('The hello does not fit its schema.');
    if (hello.version !== linkVersion)
      throw new LinkViolation(`Link version ${hello.version} is not spoken here.`);
    if (hello.role !== 'proxy') throw new LinkViolation('Only proxies are spoken to here.');
    this.#state = 'open';
    this.#sayMembers(this.#ownership.view);
    this.#watcher.greeted?.(hello);
  }

  #leave(): void {
    if (this.#state === 'leaving') return;
    this.#state = 'leaving';
    this.#leavingAt = this.#now();
    setTimeout(() => this.#leaveIfDone(), this.#limits.lingerMs).unref();
  }

  /** What crossed the go-away on its way is answered, too. */
  #leaveIfDone(): void {
    if (this.#state !== 'leaving') return;
    const late = this.#now() - this.#leavingAt >= this.#limits.goAwayMs;
    if (this.#desk.due === 0) this.#end('it went away');
    else if (late) this.#end('it was asked to go away, and time was up');
    else setTimeout(() => this.#leaveIfDone(), this.#limits.lingerMs).unref();
  }

  #beat(): void {
    const now = this.#now();
    if (this.#state === 'greeting') {
      if (now - this.#startedAt >= this.#limits.helloMs) this.#end('no hello came');
    } else if (now - this.#lastSignAt >= this.#limits.silenceMs) {
      this.#end('the proxy fell silent');
    } else {
      this.#pings = (this.#pings + 1) % 2 ** 32;
      this.#outbox.push({ type: frameTypes.ping, flags: 0, channel: 0, tag: this.#pings });
    }
  }

  #unreadable(error: unknown): void {
    if (error instanceof LinkViolation || error instanceof FrameError) {
      this.#violation(error.message);
    } else {
      // A fault of this program must not take the other connections with it.
      this.#watcher.failed?.(error, 'taking a frame');
      this.#end('of a fault on this side');
    }
  }

  #violation(text: string): void {
    this.#watcher.violated?.(text);
    this.#say('goAway', { reason: 'protocol_error', text });
    this.#end(`it broke the protocol: ${text}`);
  }

  #say(type: 'hello' | 'goAway', message: Hello | GoAway): void {
    this.#outbox.push({ type: frameTypes[type], flags: 0, channel: 0, tag: 0 }, JSON.stringify(message));
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearInterval(this.#heartbeat);
    this.#outbox.flush();
    this.#outbox.close();
    this.#intake.close();
    this.#lane.close();
    this.#subscriptions.closeAll();
    this.#channels.closeAll();
    this.#desk.closeAll();
    // What was just flushed gets its chance; a peer that does not take it is not waited for.
    this.#socket.end();
    const lastResort = setTimeout(() => this.#socket.destroy(), this.#limits.endMs);
    this.#socket.once('close', () => clearTimeout(lastResort));
    this.#watcher.closed?.(reason);
    this.#ended.resolve();
  }
}

function helloFrom(
  { matches }: RequestServices,
  { instance, maxInFlight }: { readonly instance: string; readonly maxInFlight: number },
): Hello {
  const games = Array.from(matches.games.values(), ({ game, title, seats }) => ({ game, title, seats }));
  return { version: linkVersion, role: 'backend', instance, maxInFlight, games };
}
