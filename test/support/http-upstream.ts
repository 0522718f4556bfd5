/** An HTTP server behind a route, in this process: it notes what it is asked and answers as a test says. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export class HttpUpstreamFixture {
  readonly server: Server;
  readonly seen: SeenRequest[] = [];
  readonly #sockets = new Set<Duplex>();
  /** Connections that were made to it. */
  connections = 0;

  private constructor(answer: RequestListener) {
    this.server = createServer((request, response) => {
      let body = '';
      request.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      const note = () => this.#note(request, body);
      request.on('end', note);
      answer(request, response);
    });
    this.server.on('connection', (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(
    answer: RequestListener = (_request, response) => void response.end('hello'),
    upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  ): Promise<HttpUpstreamFixture> {
    const fixture = new HttpUpstreamFixture(answer);
    if (upgrade !== undefined) {
      fixture.server.on('upgrade', (request, socket, head) => {
        fixture.#note(request, '');
        socket.on('error', () => {});
        upgrade(request, socket, head);
      });
    }
    await new Promise<void>((resolve) => fixture.server.listen(0, '127.0.0.1', resolve));
    return fixture;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get last(): SeenRequest {
    const last = this.seen.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Those that have switched to WebSocket are not the server's any more.
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #note({ method = '', url = '', headers, rawHeaders }: IncomingMessage, body: string): void {
    this.seen.push({ method, url, headers, rawHeaders, body });
  }
}

/** Answers with this, whatever is asked. */
export function answering(
  status: number,
  headers: Readonly<Record<string, string | string[]>> = {},
  body = 'hello',
): RequestListener {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };
}
