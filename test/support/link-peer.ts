/** A minimal proxy side of the link, for tests of the backend: it says what it is told to, and keeps what it hears. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import {
  type Frame,
  FrameReader,
  type FrameType,
  FrameWriter,
  frameTypes,
} from '../../src/protocol/frame.ts';
import type { Pseudonym } from '../../src/protocol/ids.ts';
import { base64url } from '../../src/protocol/ids.ts';
import {
  type Audience,
  type GoAway,
  type Hello,
  type LinkEvent,
  type LinkMethod,
  type LinkReplies,
  linkAlpn,
  linkMethods,
  linkNames,
  type Notice,
  type Presence,
  type Subscribed,
} from '../../src/protocol/link-messages.ts';
import type { Refusal } from '../../src/protocol/refusals.ts';
import type { Credential } from './link-certificates.ts';

export interface PeerOptions {
  readonly port: number;
  readonly ca: string;
  readonly credential?: Credential;
  readonly tls?: ConnectionOptions;
  /** Whether to greet and to answer pings by itself. Default true. */
  readonly polite?: boolean;
}

/** What answered a request. `viaEvent`: by an event frame rather than a reply. */
export type PeerAnswer<Result> =
  | { readonly ok: true; readonly result: Result; readonly viaEvent: boolean; readonly text: string }
  | { readonly ok: false; readonly refusal: Refusal };

/** The connection ended before the answer came: the command may have happened or not. */
export class LinkLost extends Error {
  override readonly name = 'LinkLost';
}

export interface HeardFrame {
  readonly type: number;
  readonly flags: number;
  readonly channel: number;
  readonly tag: number;
  readonly text: string;
}

export class LinkPeer {
  readonly socket: TLSSocket;
  /** Every frame but pings and pongs, in order. */
  readonly heard: HeardFrame[] = [];
  readonly closed: Promise<void>;
  readonly #polite: boolean;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<
    number,
    { resolve: (answer: PeerAnswer<never>) => void; reject: (error: Error) => void }
  >();
  readonly #watchers = new Set<() => void>();
  #requests = 0;
  #channels = 0;
  #subscriptions = 0;
  #isClosed = false;

  private constructor(socket: TLSSocket, polite: boolean) {
    this.socket = socket;
    this.#polite = polite;
    socket.setNoDelay();
    socket.on('data', (chunk: Uint8Array | string) => {
      for (const frame of this.#reader.push(chunk as Uint8Array)) this.#hear(frame);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        for (const { reject } of this.#waiting.values()) reject(new LinkLost('The link was lost.'));
        this.#waiting.clear();
        this.#wake();
        resolve();
      });
    });
    socket.on('error', () => {});
  }

  /** Resolves when the backend's hello has come; rejects when the connection is refused. */
  static async connect({ port, ca, credential, tls, polite = true }: PeerOptions): Promise<LinkPeer> {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca,
      ...credential,
      servername: linkNames.backend,
      ALPNProtocols: [linkAlpn],
      minVersion: 'TLSv1.3',
      ...tls,
    });
    const failure = Promise.withResolvers<never>();
    socket.once('error', failure.reject);
    const peer = new LinkPeer(socket, polite);
    const refused = peer.closed.then(() => Promise.reject(new LinkLost('The link was refused.')));
    refused.catch(() => {});
    failure.promise.catch(() => {});
    await Promise.race([
      peer.until(() => peer.heard.some(({ type }) => type === frameTypes.hello)),
      failure.promise,
      refused,
    ]);
    if (peer.#isClosed && peer.heard.length === 0) throw new LinkLost('The link was refused.');
    if (polite) peer.send('hello', { payload: { version: 1, role: 'proxy', instance: 'test' } });
    return peer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hello(): Hello {
    return JSON.parse(this.heard.find(({ type }) => type === frameTypes.hello)?.text ?? 'null') as Hello;
  }

  get goAways(): GoAway[] {
    return this.#texts('goAway') as GoAway[];
  }

  get notices(): { channel: number; notice: Notice }[] {
    return this.heard
      .filter(({ type }) => type === frameTypes.notice)
      .map(({ channel, text }) => ({ channel, notice: JSON.parse(text) as Notice }));
  }

  presences(tag: number): Presence[] {
    return this.heard
      .filter((frame) => frame.type === frameTypes.presence && frame.tag === tag)
      .map(({ text }) => JSON.parse(text) as Presence);
  }

  /** The events of one subscription, in the order in which they came. */
  events(tag: number): LinkEvent[] {
    return this.heard
      .filter((frame) => frame.type === frameTypes.event && frame.tag === tag)
      .map(({ text }) => JSON.parse(text) as LinkEvent);
  }

  subscribed(tag: number): Subscribed | undefined {
    const frame = this.heard.find((heard) => heard.type === frameTypes.subscribed && heard.tag === tag);
    return frame && (JSON.parse(frame.text) as Subscribed);
  }

  openChannel(player: Pseudonym): PeerChannel {
    this.#channels += 1;
    this.send('openChannel', { channel: this.#channels, payload: new TextEncoder().encode(player) });
    return new PeerChannel(this, this.#channels, player);
  }

  /** Subscribes, and resolves with the subscription's number when `subscribed` has come. */
  async subscribe(match: string, { after = 0, audience = 'all' as Audience } = {}): Promise<number> {
    this.#subscriptions += 1;
    const tag = this.#subscriptions;
    this.send('subscribe', { tag, payload: { match, audience, after } });
    await this.until(() => this.subscribed(tag) !== undefined);
    return tag;
  }

  request<M extends LinkMethod>(
    method: M,
    params: unknown,
    channel = 0,
  ): Promise<PeerAnswer<LinkReplies[M]>> {
    if (this.#isClosed) return Promise.reject(new LinkLost('The link is closed.'));
    this.#requests += 1;
    const tag = this.#requests;
    const answer = new Promise<PeerAnswer<LinkReplies[M]>>((resolve, reject) => {
      this.#waiting.set(tag, { resolve: resolve as (answer: PeerAnswer<never>) => void, reject });
    });
    this.send('request', { channel, tag, flags: linkMethods[method], payload: params });
    return answer;
  }

  send(
    type: FrameType,
    {
      channel = 0,
      tag = 0,
      flags = 0,
      payload = '',
    }: { channel?: number; tag?: number; flags?: number; payload?: unknown } = {},
  ): void {
    const writer = new FrameWriter();
    const bytes =
      payload instanceof Uint8Array || payload === ''
        ? (payload as Uint8Array | '')
        : JSON.stringify(payload);
    writer.push({ type: frameTypes[type], flags, channel, tag }, bytes);
    this.socket.write(writer.take() ?? '');
  }

  /** Resolves as soon as `holds` is true after some frame, or after the close. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#isClosed) throw new LinkLost('The link closed while something was waited for.');
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  async close(): Promise<void> {
    this.socket.end();
    this.socket.destroy();
    await this.closed;
  }

  #hear({ type, flags, channel, tag, payload }: Frame): void {
    if (type === frameTypes.ping) {
      if (this.#polite) this.send('pong', { tag });
      return;
    }
    if (type === frameTypes.pong) return;
    const body = type === frameTypes.event ? payload.subarray(4) : payload;
    const text = new TextDecoder().decode(body);
    this.heard.push({ type, flags, channel, tag, text });
    if (type === frameTypes.reply) {
      this.#answer(tag, { ok: true, result: JSON.parse(text) as never, viaEvent: false, text });
    } else if (type === frameTypes.refusal) {
      this.#answer(tag, { ok: false, refusal: JSON.parse(text) as Refusal });
    } else if (type === frameTypes.event && channel !== 0) {
      this.#answer(channel, { ok: true, result: JSON.parse(text) as never, viaEvent: true, text });
    }
  }

  #answer(tag: number, answer: PeerAnswer<never>): void {
    const waiting = this.#waiting.get(tag);
    if (waiting === undefined) throw new Error(`Request ${tag} was answered twice, or never made.`);
    this.#waiting.delete(tag);
    waiting.resolve(answer);
  }

  #texts(type: FrameType): unknown[] {
    return this.heard
      .filter((frame) => frame.type === frameTypes[type])
      .map(({ text }) => JSON.parse(text) as unknown);
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** One signed-in socket's lane. */
export class PeerChannel {
  readonly peer: LinkPeer;
  readonly number: number;
  readonly player: Pseudonym;

  constructor(peer: LinkPeer, number: number, player: Pseudonym) {
    this.peer = peer;
    this.number = number;
    this.player = player;
  }

  request<M extends LinkMethod>(method: M, params: unknown): Promise<PeerAnswer<LinkReplies[M]>> {
    return this.peer.request(method, params, this.number);
  }

  /** The result; throws a refusal's code. */
  async demand<M extends LinkMethod>(method: M, params: unknown): Promise<LinkReplies[M]> {
    const answer = await this.request(method, params);
    if (!answer.ok) throw new Error(`${method} was refused: ${answer.refusal.code}`);
    return answer.result;
  }

  close(): void {
    this.peer.send('closeChannel', { channel: this.number });
  }
}

/** A pseudonym for a test's player, the same for the same name. */
export function pseudonym(name: string): Pseudonym {
  const bytes = new Uint8Array(16);
  new TextEncoder().encodeInto(name, bytes);
  return `y_${base64url(bytes)}` as Pseudonym;
}
