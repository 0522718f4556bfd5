/** A backend made of two in-memory streams, for tests of the link's proxy side: it answers only what a test tells it to. */
import { type Duplex, duplexPair } from 'node:stream';
import { FrameReader, type FrameType, FrameWriter, frameTypes } from '../../src/protocol/frame.ts';
import type { Hello, LinkMethod } from '../../src/protocol/link-messages.ts';
import { linkMethods } from '../../src/protocol/link-messages.ts';
import { LinkError } from '../../src/proxy/link/link-error.ts';

export interface HeardFrame {
  readonly type: FrameType | number;
  readonly flags: number;
  readonly channel: number;
  readonly tag: number;
  readonly text: string;
  /** Which connection it came on, from 1. */
  readonly connection: number;
}

const typeNames = new Map<number, FrameType>(
  Object.entries(frameTypes).map(([name, type]) => [type, name as FrameType]),
);
const methodNames = new Map<number, LinkMethod>(
  Object.entries(linkMethods).map(([name, number]) => [number, name as LinkMethod]),
);

export class FakeBackend {
  /** Every frame but pings and pongs, of all connections. */
  readonly heard: HeardFrame[] = [];
  /** Chunks as they were written to it, to count writes. */
  readonly chunks: number[] = [];
  /** Asked for each frame heard, before the waiters wake. */
  onFrame: (frame: HeardFrame, backend: FakeBackend) => void = () => {};
  /** What it says first; `undefined` says nothing. */
  hello: Partial<Hello> | undefined = { version: 1, role: 'backend', instance: 'fake' };
  /** False: dials fail as they do when nothing listens. */
  isUp = true;
  answersPings = true;
  dials = 0;
  #connections = 0;
  #socket: Duplex | undefined;
  readonly #watchers = new Set<() => void>();

  readonly dial = async (): Promise<Duplex> => {
    this.dials += 1;
    if (!this.isUp) throw new LinkError('unreachable');
    const [near, far] = duplexPair();
    this.#connections += 1;
    const connection = this.#connections;
    this.#socket = far;
    const reader = new FrameReader();
    far.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk.length);
      for (const { type, flags, channel, tag, payload } of reader.push(chunk)) {
        const text = Buffer.from(payload).toString('utf8');
        this.#hear({ type: typeNames.get(type) ?? type, flags, channel, tag, text, connection });
      }
    });
    far.on('error', () => {});
    if (this.hello !== undefined) this.send('hello', { json: this.hello });
    this.#wake();
    return near;
  };

  get connections(): number {
    return this.#connections;
  }

  send(
    type: FrameType | number,
    options: {
      channel?: number;
      tag?: number;
      flags?: number;
      json?: unknown;
      bytes?: Uint8Array;
      raw?: string;
    } = {},
  ): void {
    const { channel = 0, tag = 0, flags = 0, json, bytes, raw } = options;
    const writer = new FrameWriter();
    const payload = bytes ?? raw ?? (json === undefined ? '' : JSON.stringify(json));
    writer.push({ type: typeof type === 'number' ? type : frameTypes[type], flags, channel, tag }, payload);
    this.#socket?.write(writer.take() as Uint8Array);
  }

  event(options: { tag: number; seq: number; json: unknown; answers?: number; flags?: number }): void {
    const { tag, seq, json, answers = 0, flags = 0 } = options;
    const body = Buffer.from(JSON.stringify(json));
    const bytes = Buffer.alloc(4 + body.length);
    bytes.writeUInt32BE(seq);
    body.copy(bytes, 4);
    this.send('event', { tag, channel: answers, flags, bytes });
  }

  /** Ends the connection without a word. */
  drop(): void {
    this.#socket?.destroy();
  }

  requests(method?: LinkMethod): (HeardFrame & { method: LinkMethod | undefined })[] {
    return this.heard
      .filter(({ type }) => type === 'request')
      .map((frame) => ({ ...frame, method: methodNames.get(frame.flags) }))
      .filter((frame) => method === undefined || frame.method === method);
  }

  ofType(type: FrameType): HeardFrame[] {
    return this.heard.filter((frame) => frame.type === type);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  #hear(frame: HeardFrame): void {
    if (frame.type === 'ping') {
      if (this.answersPings) this.send('pong', { tag: frame.tag });
      return;
    }
    if (frame.type !== 'pong') this.heard.push(frame);
    this.onFrame(frame, this);
    this.#wake();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
