import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { explainSystemError } from '../../../process/explain-system-error.ts';
import type { ListenAddress } from './listen-address.ts';
import { TunnelConnection, type TunnelConnectionOptions } from './tunnel-connection.ts';

/** What happens to one connection; `number` counts from 1. */
export type TunnelEvent =
  | { readonly kind: 'opened'; readonly number: number }
  | { readonly kind: 'done'; readonly number: number; readonly up: number; readonly down: number }
  | {
      readonly kind: 'failed';
      readonly number: number;
      readonly up: number;
      readonly down: number;
      readonly error: unknown;
    };

export interface TunnelListenerOptions extends Omit<TunnelConnectionOptions, 'local'> {
  readonly onEvent: (event: TunnelEvent) => void;
}

/** Connections at once; one more is reset, so that its program does not take that for an end. The server has a lower bound for each player. */
const mostConnections = 256;

/** The local end of a tunnel: each connection to it goes through a tunnel of its own. */
export class TunnelListener {
  readonly #options: TunnelListenerOptions;
  readonly #server: Server;
  readonly #open = new Map<TunnelConnection, Promise<void>>();
  #count = 0;

  constructor(options: TunnelListenerOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Where it listens now. @throws OperatorError `port_taken`, … naming `--listen` */
  async listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen({ host, port }, resolve);
      });
    } catch (error) {
      throw explainSystemError(error, { doing: 'listen', host, port, flag: '--listen' }) ?? error;
    }
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Takes no more connections, and cuts those that there are. */
  async close(): Promise<void> {
    this.#server.close();
    for (const connection of this.#open.keys()) connection.cut();
    await Promise.all(this.#open.values());
  }

  #accept(local: Socket): void {
    const { onEvent, ...options } = this.#options;
    if (this.#open.size >= mostConnections) {
      local.resetAndDestroy();
      return;
    }
    this.#count += 1;
    const number = this.#count;
    const connection = new TunnelConnection({ ...options, local });
    onEvent({ kind: 'opened', number });
    const run = connection
      .run()
      .then(
        () => onEvent({ kind: 'done', number, ...connection.traffic }),
        (error: unknown) => onEvent({ kind: 'failed', number, ...connection.traffic, error }),
      )
      .finally(() => this.#open.delete(connection));
    this.#open.set(connection, run);
  }
}
