import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

export interface WsClientOptions {
  readonly port: number;
  readonly path: string;
  readonly ca: Buffer | string;
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** To resume an earlier TLS session. */
  readonly session?: Buffer;
  /** For hosts other than 127.0.0.1, to have more than 28,000 sockets from one machine. */
  readonly localAddress?: string;
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
/** One mask for all: it protects caches on the way from browsers, and there are neither. */
const mask = Buffer.from([0x5a, 0x17, 0xc3, 0x9e]);

/**
 * A WebSocket client that costs as little as it can, so that the load generator is not what is measured. It speaks to servers
 * that the benchmarks start themselves: unfragmented messages, no extensions.
 */
export class WsClient {
  readonly socket: TLSSocket;
  /** A text or binary message. The buffer is good for the call only. */
  onMessage: (payload: Buffer) => void = () => {};
  onClose: () => void = () => {};
  /** The newest TLS session that the server gave, for a later connection to resume. */
  session: Buffer | undefined;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('session', (session: Buffer) => {
      this.session = session;
    });
  }

  static async open({
    port,
    path,
    ca,
    protocol,
    headers = {},
    session,
    localAddress,
  }: WsClientOptions): Promise<WsClient> {
    const options: ConnectionOptions & { localAddress?: string } = {
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca,
      ALPNProtocols: ['http/1.1'],
      ...(session !== undefined && { session }),
      ...(localAddress !== undefined && { localAddress }),
    };
    const socket = connect(options);
    socket.setNoDelay(true);
    const client = new WsClient(socket);
    await once(socket, 'secureConnect');
    const opened = client.#upgraded();
    socket.write(
      `${[
        `GET ${path} HTTP/1.1`,
        `Host: localhost:${port}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ].join('\r\n')}\r\n\r\n`,
    );
    await opened;
    return client;
  }

  /** Text as a string, binary as bytes. */
  send(message: string | Uint8Array): void {
    const isText = typeof message === 'string';
    this.#write(isText ? opcodes.text : opcodes.binary, isText ? Buffer.from(message) : message);
  }

  close(): void {
    this.socket.destroy();
  }

  #write(opcode: number, payload: Uint8Array): void {
    const extended = payload.length < 126 ? 0 : 2;
    const frame = Buffer.allocUnsafe(6 + extended + payload.length);
    frame[0] = 0x80 | opcode;
    if (extended === 0) frame[1] = 0x80 | payload.length;
    else {
      frame[1] = 0x80 | 126;
      frame.writeUInt16BE(payload.length, 2);
    }
    const start = 6 + extended;
    frame.set(mask, start - 4);
    for (let index = 0; index < payload.length; index += 1) {
      frame[start + index] = (payload[index] as number) ^ (mask[index & 3] as number);
    }
    this.socket.write(frame);
  }

  #upgraded(): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      let head = Buffer.alloc(0);
      const read = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', read);
        const status = head.subarray(0, end).toString('latin1').split('\r\n', 1)[0] ?? '';
        if (!status.includes(' 101 ')) return reject(new Error(`The upgrade was answered with ${status}.`));
        socket.on('data', (more: Buffer) => this.#read(more));
        resolve();
        // After whoever waits for the upgrade has had the time to listen.
        const rest = head.subarray(end + 4);
        if (rest.length > 0) setImmediate(() => this.#read(Buffer.alloc(0), rest));
      };
      socket.on('data', read);
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('The connection was closed during the upgrade.'));
        this.onClose();
      });
    });
  }

  #read(chunk: Buffer, before?: Buffer): void {
    if (before !== undefined) this.#rest = Buffer.concat([before, this.#rest]);
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (bytes.length < 2) break;
      const short = (bytes[1] as number) & 0x7f;
      const start = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < start) break;
      const length =
        short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
      if (bytes.length < start + length) break;
      const payload = bytes.subarray(start, start + length);
      const opcode = (bytes[0] as number) & 0x0f;
      bytes = bytes.subarray(start + length);
      if (opcode === opcodes.text || opcode === opcodes.binary) this.onMessage(payload);
      else if (opcode === opcodes.ping) this.#write(opcodes.pong, Buffer.from(payload));
      else if (opcode === opcodes.close) this.socket.destroy();
    }
    this.#rest = bytes;
  }
}
