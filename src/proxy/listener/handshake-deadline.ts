import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

/**
 * Destroys TCP connections that have not finished their TLS handshake in time. Node's own `handshakeTimeout` starts
 * again with every byte, so that a peer who sends one byte now and then would stay for ever; this one does not.
 */
export function enforceHandshakeDeadline(server: Server, deadlineMs: number): void {
  // A TLS socket does not tell its TCP socket; the peer's address and port, unique while both are open, do.
  const waiting = new Map<string, NodeJS.Timeout>();

  server.on('connection', (socket: Socket) => {
    const key = peerOf(socket);
    if (key === undefined) {
      socket.destroy();
      return;
    }
    clearTimeout(waiting.get(key));
    const timer = setTimeout(() => socket.destroy(), deadlineMs);
    waiting.set(key, timer);
    socket.once('close', () => {
      clearTimeout(timer);
      if (waiting.get(key) === timer) waiting.delete(key);
    });
  });

  server.on('secureConnection', (socket: TLSSocket) => {
    const key = peerOf(socket);
    if (key === undefined) return;
    clearTimeout(waiting.get(key));
    waiting.delete(key);
  });
}

/** `undefined` when the peer has gone already. */
function peerOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort, localPort } = socket;
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localPort}`;
}
