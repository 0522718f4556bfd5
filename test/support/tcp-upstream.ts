/** A TCP program behind a route, which does what the test says. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export class TcpUpstream {
  readonly connections: Socket[] = [];
  readonly #server: Server;
  readonly #arrivals: ((socket: Socket) => void)[] = [];

  private constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.connections.push(socket);
      socket.on('error', () => {});
      onConnection(socket);
      this.#arrivals.shift()?.(socket);
    });
  }

  static async start(onConnection: (socket: Socket) => void = () => {}, port = 0): Promise<TcpUpstream> {
    const upstream = new TcpUpstream(onConnection);
    upstream.#server.listen(port, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  static echo(): Promise<TcpUpstream> {
    return TcpUpstream.start((socket) => void socket.pipe(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next one that comes. */
  connection(): Promise<Socket> {
    return new Promise((resolve) => this.#arrivals.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
