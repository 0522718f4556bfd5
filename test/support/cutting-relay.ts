/** A TCP relay that puts something in front of what a client sends, and cuts its first bytes into pieces as a test wants them. */
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingRelay {
  readonly port: number;
  close(): Promise<void>;
}

export interface CuttingRelayOptions {
  /** Where to. */
  readonly port: number;
  /** Bytes in front of the client's own. */
  readonly prefix?: Uint8Array;
  /** Cuts the prefix and the client's first bytes; each piece travels in a packet of its own. */
  readonly cut?: (bytes: Buffer) => readonly Uint8Array[];
}

export async function startCuttingRelay({
  port,
  prefix = new Uint8Array(),
  cut = (bytes) => [bytes],
}: CuttingRelayOptions): Promise<CuttingRelay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    far.pipe(near);
    near.once('data', (first: Buffer) => {
      near.pause();
      void send(far, cut(Buffer.concat([prefix, first]))).then(() => near.pipe(far));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One write after the other has left this process, with a turn of the event loop between them. */
async function send(socket: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)));
  }
}

export function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}
