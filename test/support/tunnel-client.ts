/** A tunnel without the command line: sends what it is told to, and keeps what comes. */
import { type ClientOptions, WebSocket } from 'ws';
import { tunnelPath, tunnelSubprotocol } from '../../src/protocol/tunnel.ts';

export interface TunnelClientOptions {
  readonly url: string;
  readonly ca: string;
  readonly route: string;
  readonly token?: string;
  readonly webSocket?: ClientOptions;
}

export class TunnelClient {
  readonly webSocket: WebSocket;
  /** Binary messages in order; an empty one is the end of that direction. */
  readonly received: Buffer[] = [];
  /** Text messages, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into messages of every shape.
  readonly heard: any[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Rejects with the HTTP status in its message. */
  readonly opened: Promise<void>;
  #isClosed = false;
  readonly #watchers = new Set<() => void>();

  constructor({ url, ca, route, token, webSocket }: TunnelClientOptions) {
    this.webSocket = new WebSocket(
      `${url.replace('https:', 'wss:')}${tunnelPath}${route}`,
      tunnelSubprotocol,
      {
        ca,
        ...webSocket,
        headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...webSocket?.headers },
      },
    );
    this.opened = new Promise((resolve, reject) => {
      this.webSocket.once('open', resolve);
      this.webSocket.once('error', reject);
    });
    this.opened.catch(() => {});
    this.webSocket.on('error', () => {});
    this.webSocket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.received.push(data);
      else this.heard.push(JSON.parse(data.toString()));
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.webSocket.once('close', (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** All bytes so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  get hasEnd(): boolean {
    return this.received.some((message) => message.length === 0);
  }

  /** The upstream is connected: the answer to the `session.open` that went with the upgrade. */
  async ready(): Promise<void> {
    await this.until(() => this.heard.some(({ id }) => id === 0));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#isClosed) throw new Error(`closed while waiting; heard ${JSON.stringify(this.heard)}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  /** At once, or as soon as the upgrade is through. */
  send(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const isOpening = this.webSocket.readyState === WebSocket.CONNECTING;
    if (isOpening) void this.opened.then(() => this.webSocket.send(bytes, { binary: true }));
    else this.webSocket.send(bytes, { binary: true });
  }

  end(): void {
    this.send('');
  }

  say(method: string, params: object, id = 1): void {
    this.webSocket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  }

  close(): void {
    this.webSocket.terminate();
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
  }
}
