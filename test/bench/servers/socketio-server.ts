/**
 * A room with an audience on socket.io: TLS, in memory, no accounts. Whoever emits `event` tells everybody.
 * Arguments: PORT CERT KEY.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpsServer } from 'node:https';
import { peerModule } from './peer-modules.ts';

interface Socket {
  join(room: string): void;
  on(event: string, take: (message: unknown) => void): void;
}
interface SocketServer {
  on(event: 'connection', take: (socket: Socket) => void): void;
  to(room: string): { emit(event: string, message: unknown): void };
}

const { Server } = peerModule<{ Server: new (server: HttpsServer) => SocketServer }>('socket.io');
const [port, cert = '', key = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const endpoint = new Server(server);
endpoint.on('connection', (socket) => {
  socket.join('audience');
  socket.on('event', (message) => endpoint.to('audience').emit('event', message));
});
server.listen(Number(port), '127.0.0.1');
