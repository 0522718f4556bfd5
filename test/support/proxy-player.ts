/** A player without an SDK: says what it is told to, and keeps what it hears. */
import { type ClientOptions, WebSocket } from 'ws';
import type { MatchEvent, Method, Notification } from '../../src/protocol/player-messages.ts';

export interface ProxyPlayerOptions {
  readonly url: string;
  readonly ca: string;
  /** For the upgrade's Authorization. */
  readonly token?: string;
  readonly origin?: string;
  readonly subprotocols?: string[];
  readonly path?: string;
  readonly webSocket?: ClientOptions;
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into messages of every shape.
export type Message = any;

export class ProxyPlayer {
  readonly webSocket: WebSocket;
  /** Every message, in the order in which it came. */
  readonly heard: Message[] = [];
  /** The close code and reason. */
  readonly closed: Promise<{ code: number; reason: string }>;
  /** Resolves at the upgrade; rejects with the HTTP status in the message. */
  readonly opened: Promise<void>;
  readonly #watchers = new Set<() => void>();
  #ids = 0;
  #commands = 0;
  #isClosed = false;

  constructor(options: ProxyPlayerOptions) {
    const { url, ca, token, origin, subprotocols = ['castling.v1'], path = '/play', webSocket } = options;
    this.webSocket = new WebSocket(`${url.replace('https:', 'wss:')}${path}`, subprotocols, {
      ca,
      ...(origin === undefined ? {} : { origin }),
      ...webSocket,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...webSocket?.headers,
      },
    });
    this.opened = new Promise((resolve, reject) => {
      this.webSocket.once('open', resolve);
      this.webSocket.once('error', reject);
    });
    this.opened.catch(() => {});
    this.webSocket.on('error', () => {});
    this.webSocket.on('message', (data) => {
      this.heard.push(JSON.parse(data.toString()));
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

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The result of the `session.open` that the proxy answers for a token of the upgrade. */
  get signedIn(): Promise<Message> {
    return this.until((message) => message.id === 0);
  }

  /** Waits for the first message, already heard or still to come. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.heard.find(fits);
      if (found !== undefined) return found;
      if (this.#isClosed)
        throw new Error(`closed while waiting; heard ${JSON.stringify(this.heard.slice(-3))}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
      });
    }
  }

  notification(method: Notification, fits: (params: Message) => boolean = () => true): Promise<Message> {
    return this.until((message) => message.method === method && fits(message.params)).then(
      ({ params }) => params,
    );
  }

  send(text: string | Uint8Array): void {
    this.webSocket.send(text);
  }

  /** The whole answer. */
  async ask(method: Method, params: object = {}): Promise<Message> {
    this.#ids += 1;
    const id = this.#ids;
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return await this.until((message) => message.id === id);
  }

  /** The result; throws a refusal's code. */
  async demand(method: Method, params: object = {}): Promise<Message> {
    const answer = await this.ask(method, params);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.data.code}`);
    return answer.result;
  }

  /** The refusal's data; throws when there is none. */
  async refusal(method: Method, params: object = {}): Promise<Message> {
    const answer = await this.ask(method, params);
    if (answer.error === undefined) throw new Error(`${method} was not refused`);
    return answer.error.data;
  }

  commandId(): string {
    this.#commands += 1;
    return `c_${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}_${this.#commands}`;
  }

  /** Every event of a match, as results and as notifications, in the order in which they came. */
  events(match: string): MatchEvent[] {
    return this.heard.flatMap((message) => {
      if (message.method === 'match.event' && message.params.match === match) return [message.params];
      if (message.result?.match !== match) return [];
      if (message.result.events !== undefined) return message.result.events as MatchEvent[];
      return 'type' in message.result ? [message.result] : [];
    });
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await this.closed;
  }

  terminate(): void {
    this.webSocket.terminate();
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** Two players in a match that has begun: `[seat 0, seat 1]`, the match, and the last sequence. */
export async function startMatch(
  first: ProxyPlayer,
  second: ProxyPlayer,
): Promise<{ match: string; code: string; seats: [ProxyPlayer, ProxyPlayer]; seq: number }> {
  const created = await first.demand('match.create', { game: 'tic-tac-toe', commandId: first.commandId() });
  const joined = await second.demand('match.join', { code: created.code, commandId: second.commandId() });
  await first.notification('match.event', ({ type }) => type === 'started');
  const seats: [ProxyPlayer, ProxyPlayer] = created.seat === 0 ? [first, second] : [second, first];
  return { match: created.match, code: created.code, seats, seq: joined.snapshot.seq };
}
