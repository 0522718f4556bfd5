/**
 * One connection to a backend, from hello to its end. Knows frames, liveness and writing; knows nothing of players.
 *
 * ```
 *   hello sent ──peer's hello fits──▶ ready ──ended · silent · broken frame · close()──▶ closed
 *        └────────────────── timeout · unfit · ended ─────────────────────────────────────▲
 * ```
 */
import type { Duplex } from 'node:stream';
import {
  type Frame,
  type FrameHeader,
  FrameReader,
  FrameWriter,
  firstOptionalType,
  frameTypes,
} from '../../protocol/frame.ts';
import { limits } from '../../protocol/limits.ts';
import type { GoAway, Hello } from '../../protocol/link-messages.ts';
import { linkVersion } from '../../protocol/link-messages.ts';
import { LinkError } from './link-error.ts';
import { readPayload } from './read-payload.ts';

/** Told in order: `ready` at most once and before any frame; `closed` exactly once, last. */
export interface ConnectionEvents {
  ready(hello: Hello): void;
  frame(frame: Frame): void;
  goAway(message: GoAway): void;
  /** What was waiting to be written has left. */
  drained(): void;
  closed(error: LinkError): void;
}

export interface ConnectionOptions {
  readonly socket: Duplex;
  readonly hello: Hello;
  readonly events: ConnectionEvents;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

const helloTimeoutMs = 5_000;

export class LinkConnection {
  readonly #socket: Duplex;
  readonly #events: ConnectionEvents;
  readonly #now: () => number;
  readonly #reader = new FrameReader();
  readonly #writer = new FrameWriter();
  #state: 'greeting' | 'ready' | 'closed' = 'greeting';
  #flushing = false;
  #heardAt: number;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #helloTimer: NodeJS.Timeout;

  constructor({ socket, hello, events, now = () => performance.now() }: ConnectionOptions) {
    this.#socket = socket;
    this.#events = events;
    this.#now = now;
    this.#heardAt = now();
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#events.drained());
    socket.on('error', (cause: Error) => this.#end(new LinkError('ended', { cause })));
    socket.on('close', () => this.#end(new LinkError('ended')));
    socket.on('end', () => this.#end(new LinkError('ended')));
    this.#heartbeat = setInterval(() => this.#beat(), limits.linkHeartbeatMs);
    this.#helloTimer = setTimeout(() => this.#end(new LinkError('hello_timeout')), helloTimeoutMs);
    this.send({ type: frameTypes.hello, flags: 0, channel: 0, tag: 0 }, JSON.stringify(hello));
  }

  /** Bytes that wait to be written, here and in the transport. */
  get waiting(): number {
    return this.#writer.pending + this.#socket.writableLength;
  }

  /**
   * Adds a frame to what leaves at the end of this turn of the event loop, in one write.
   * @throws FrameError `frame_too_large`.
   */
  send(header: FrameHeader, payload: string | Uint8Array = ''): void {
    if (this.#state === 'closed') return;
    this.#writer.push(header, payload);
    if (this.#flushing) return;
    this.#flushing = true;
    // After the poll phase: whatever other sockets bring in this turn shares the write.
    setImmediate(() => this.#flush());
  }

  /** Says go-away and ends. */
  close(reason: GoAway['reason'], error = new LinkError('closed_here')): void {
    if (this.#state === 'closed') return;
    const message: GoAway = { reason, text: error.message };
    this.send({ type: frameTypes.goAway, flags: 0, channel: 0, tag: 0 }, JSON.stringify(message));
    this.#flush();
    this.#end(error);
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#state === 'closed') return;
    const bytes = this.#writer.take();
    if (bytes !== undefined) this.#socket.write(bytes);
  }

  #read(chunk: Buffer): void {
    this.#heardAt = this.#now();
    try {
      for (const frame of this.#reader.push(chunk)) {
        // A handler may have closed the connection in the middle of a chunk.
        if (this.#state === 'closed') return;
        this.#take(frame);
      }
    } catch (cause) {
      // Whatever a backend sends, at worst it costs this connection: never the process, and its other players.
      const error = cause instanceof LinkError ? cause : new LinkError('protocol_error', { cause });
      this.close('protocol_error', error);
    }
  }

  #take(frame: Frame): void {
    if (this.#state === 'greeting') {
      this.#greet(frame);
      return;
    }
    switch (frame.type) {
      case frameTypes.ping:
        this.send({ type: frameTypes.pong, flags: 0, channel: 0, tag: frame.tag });
        return;
      case frameTypes.pong:
        return;
      case frameTypes.goAway:
        this.#events.goAway(readPayload<GoAway>(frame.payload));
        return;
      case frameTypes.reply:
      case frameTypes.refusal:
      case frameTypes.subscribed:
      case frameTypes.event:
      case frameTypes.presence:
      case frameTypes.notice:
      case frameTypes.elsewhere:
      case frameTypes.members:
        this.#events.frame(frame);
        return;
      default:
        if (frame.type < firstOptionalType) {
          throw new LinkError('protocol_error', {
            cause: new Error(`frame type ${frame.type} from a backend`),
          });
        }
    }
  }

  #greet(frame: Frame): void {
    if (frame.type === frameTypes.goAway) {
      this.#end(new LinkError('gone_away'));
      return;
    }
    const hello = frame.type === frameTypes.hello ? readPayload<Partial<Hello>>(frame.payload) : undefined;
    if (hello?.role !== 'backend' || hello.version !== linkVersion || typeof hello.instance !== 'string') {
      throw new LinkError('hello_unfit');
    }
    clearTimeout(this.#helloTimer);
    this.#state = 'ready';
    this.#events.ready(hello as Hello);
  }

  #beat(): void {
    if (this.#now() - this.#heardAt >= limits.linkSilenceMs) {
      this.#end(new LinkError('silent'));
      return;
    }
    if (this.#state === 'ready') this.send({ type: frameTypes.ping, flags: 0, channel: 0, tag: 0 });
  }

  #end(error: LinkError): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#heartbeat);
    clearTimeout(this.#helloTimer);
    // A half-written last frame may still leave; a peer that does not read must not hold the socket open.
    if (this.#socket.writable) this.#socket.end(() => this.#socket.destroy());
    setTimeout(() => this.#socket.destroy(), 1_000).unref();
    this.#events.closed(error);
  }
}
