/**
 * Tic-tac-toe, and a room with an audience, on Colyseus: TLS, state in memory, no accounts, no log. Events go out as messages,
 * which cost it less than state that is kept in step, and rooms without such state send no patches.
 * Arguments: PORT CERT KEY.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server as HttpsServer } from 'node:https';
import { ticTacToe } from '../../../src/game/rules/tic-tac-toe.ts';
import { peerModule } from './peer-modules.ts';

interface Client {
  readonly sessionId: string;
  send(type: string, message?: unknown): void;
}
interface RoomBase {
  maxClients: number;
  patchRate: number | null;
  onMessage(type: string, take: (client: Client, message: never) => void): void;
  broadcast(type: string, message?: unknown): void;
}
interface GameServer {
  define(name: string, room: unknown): { filterBy(options: readonly string[]): void };
  listen(port: number, host: string): Promise<void>;
}

const { Room, Server } = peerModule<{
  Room: new () => RoomBase;
  Server: new (options: { transport: unknown; greet: boolean }) => GameServer;
}>('@colyseus/core');
const { WebSocketTransport } = peerModule<{
  WebSocketTransport: new (options: { server: HttpsServer }) => unknown;
}>('@colyseus/ws-transport');

class TableRoom extends Room {
  readonly #seats: string[] = [];
  #state = ticTacToe.start();

  onCreate(): void {
    this.maxClients = 2;
    this.patchRate = null;
    this.onMessage('begin', (client) => {
      this.#state = ticTacToe.start();
      client.send('begun');
    });
    this.onMessage('move', (client, move) => {
      const seat = this.#seats.indexOf(client.sessionId);
      const parsed = ticTacToe.parse(move);
      if (!('move' in parsed) || ticTacToe.turn(this.#state) !== seat) return client.send('illegal');
      const result = ticTacToe.play({ state: this.#state, seat, move: parsed.move });
      if (!('state' in result)) return client.send('illegal');
      this.#state = result.state;
      const state = ticTacToe.view(result.state, 'all');
      this.broadcast('moved', { seat, move, state, turn: ticTacToe.turn(result.state) });
      const outcome = ticTacToe.outcome(result.state);
      if (outcome === null) return;
      this.broadcast('ended', outcome);
      this.#state = ticTacToe.start();
    });
  }

  onJoin(client: Client): void {
    this.#seats.push(client.sessionId);
  }
}

/** Whoever says `event` tells everybody. */
class AudienceRoom extends Room {
  onCreate(): void {
    this.maxClients = 100_000;
    this.patchRate = null;
    this.onMessage('event', (_client, message) => this.broadcast('event', message));
  }
}

const [port, cert = '', key = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const games = new Server({ transport: new WebSocketTransport({ server }), greet: false });
games.define('table', TableRoom).filterBy(['table']);
games.define('audience', AudienceRoom);
await games.listen(Number(port), '127.0.0.1');
