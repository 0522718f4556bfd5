import type { AccessTokenSource } from '../../src/client/access-token.ts';
import type { Dial, TransportEvents } from '../../src/client/transport.ts';
import type { FakePlayServer, FakeSocket } from './cli-fake-play-server.ts';

type Delivery = () => void;

/** One socket between a client and the fake server, with what is on its way in each direction. */
export class MemorySocket {
  readonly toServer: Delivery[] = [];
  readonly toClient: Delivery[] = [];
  isOpen = true;
  readonly #events: TransportEvents;
  peer: FakeSocket | undefined;

  constructor(events: TransportEvents) {
    this.#events = events;
  }

  /** The connection breaks: what is on its way is lost, and the client hears of it. */
  break(code = 1006): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.toServer.length = 0;
    this.toClient.length = 0;
    this.peer?.gone();
    this.#events.closed({ code });
  }
}

/**
 * A network in memory in which nothing moves until the test says so. Order is kept per socket and direction, as TCP
 * does, and nothing else is promised.
 */
export class MemoryNetwork {
  readonly sockets: MemorySocket[] = [];
  readonly #server: FakePlayServer;
  /** While true, dialling fails. */
  down = false;
  dials = 0;

  constructor(server: FakePlayServer) {
    this.#server = server;
  }

  /** Dials with the token in the upgrade, or, as a browser does, without. */
  dial({ tokenInUpgrade = true }: { tokenInUpgrade?: boolean } = {}): Dial {
    return ({ token, events }) => {
      this.dials++;
      const socket = new MemorySocket(events);
      if (this.down) {
        queueMicrotask(() => socket.break());
        return { send() {}, close: () => socket.break() };
      }
      this.sockets.push(socket);
      socket.toServer.push(() => {
        socket.toClient.push(() => events.opened({ signedIn: tokenInUpgrade }));
        socket.peer = this.#server.accept(
          {
            send: (text) => socket.toClient.push(() => events.message(text)),
            close: (code) => socket.toClient.push(() => socket.break(code)),
          },
          tokenInUpgrade ? token : undefined,
        );
      });
      return {
        send: (text) => {
          if (socket.isOpen) socket.toServer.push(() => socket.peer?.receive(text));
        },
        close: () => socket.break(1000),
      };
    };
  }

  get open(): MemorySocket[] {
    return this.sockets.filter(({ isOpen }) => isOpen);
  }

  /** Delivers one message, chosen by number among all that could be next; false when nothing is on its way. */
  deliver(choice = 0): boolean {
    const queues = this.open
      .flatMap(({ toServer, toClient }) => [toServer, toClient])
      .filter(({ length }) => length > 0);
    const delivery = queues[choice % Math.max(1, queues.length)]?.shift();
    delivery?.();
    return delivery !== undefined;
  }

  /** Delivers everything, what answers cause included. */
  async deliverAll(): Promise<void> {
    do {
      while (this.deliver());
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.open.some(({ toServer, toClient }) => toServer.length + toClient.length > 0));
  }
}

/** Gives out tokens by name, and counts. Each `rejected` token is replaced by the next. */
export class FakeTokens implements AccessTokenSource {
  calls = 0;
  renewals = 0;
  failure: unknown;
  #current: string;
  readonly #server: FakePlayServer;
  readonly #name: string;

  constructor(server: FakePlayServer, name: string) {
    this.#server = server;
    this.#name = name;
    this.#current = this.#issue();
  }

  async accessToken({
    rejected,
  }: {
    readonly rejected?: string;
  } = {}): Promise<{ token: string; expiresAt: number }> {
    this.calls++;
    if (this.failure !== undefined) throw this.failure;
    if (rejected === this.#current) {
      this.renewals++;
      this.#current = this.#issue();
    }
    return { token: this.#current, expiresAt: Number.MAX_SAFE_INTEGER };
  }

  #issue(): string {
    const token = `token-${this.#name}-${this.renewals}`;
    const id = this.#name.padEnd(22, '_');
    this.#server.tokens.set(token, { player: `p_${id}`, name: this.#name, session: `s_${id}` });
    return token;
  }
}
