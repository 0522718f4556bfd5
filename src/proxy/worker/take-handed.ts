import type { Server, Socket } from 'node:net';

/** Serves connections that the primary has accepted. A server counts only its own, so those beyond its bound are ended here. */
export function takeHanded(): (server: Server | undefined, socket: Socket) => void {
  let open = 0;
  return (server, socket) => {
    if (server === undefined || open >= server.maxConnections) {
      socket.destroy();
      return;
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    server.emit('connection', socket);
  };
}
