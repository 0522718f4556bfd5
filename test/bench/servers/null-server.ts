/**
 * The least that answers: TLS and WebSocket, no rules, no log, nothing checked. It shows what the load generator can do.
 * Arguments: PORT CERT KEY.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type WebSocket, WebSocketServer } from 'ws';

const [port, cert = '', key = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const endpoint = new WebSocketServer({ server, perMessageDeflate: false });
const tables = new Map<string, WebSocket[]>();

endpoint.on('connection', (socket, request) => {
  const table = new URL(request.url ?? '/', 'wss://localhost').searchParams.get('table') ?? '';
  const seats = tables.get(table) ?? [];
  tables.set(table, seats);
  const seat = seats.push(socket) - 1;
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    socket.send(`{"id":${text.slice(6, text.indexOf(',', 6))},"result":{}}`);
    if (text.includes('move')) seats[1 - seat]?.send('{"event":{}}');
  });
});
server.listen(Number(port), '127.0.0.1');
