/** A TCP relay that keeps every byte it passes on, for tests of what can be read on the wire. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpTap {
  readonly port: number;
  /** All bytes so far, one direction after the other. */
  bytes(): Buffer;
  /** What each read of either side gave, in order: `>` from who connected, `<` from whom the tap connects to. */
  readonly reads: readonly string[];
  close(): Promise<void>;
}

export async function startTcpTap(target: { readonly port: number }): Promise<TcpTap> {
  const up: Buffer[] = [];
  const down: Buffer[] = [];
  const reads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target.port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk: Buffer) => {
      up.push(chunk);
      reads.push(`>${chunk.toString('latin1')}`);
    });
    far.on('data', (chunk: Buffer) => {
      down.push(chunk);
      reads.push(`<${chunk.toString('latin1')}`);
    });
    near.on('end', () => reads.push('> end'));
    far.on('end', () => reads.push('< end'));
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    reads,
    bytes: () => Buffer.concat([...up, ...down]),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
