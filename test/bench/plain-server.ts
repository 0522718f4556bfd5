/**
 * The smallest server that could do the same for its players: TLS and WebSocket in one process, the same rules, state in
 * memory. No accounts, no checks, no log. It is the floor that the benchmarks compare with, not a thing to run.
 *
 * Arguments: CERT KEY. Prints its port on standard output.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type WebSocket, WebSocketServer } from 'ws';
import { ticTacToe } from '../../src/game/rules/tic-tac-toe.ts';

const [cert = '', key = ''] = process.argv.slice(2);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
const endpoint = new WebSocketServer({ server, perMessageDeflate: false });

type State = ReturnType<typeof ticTacToe.start>;
interface Table {
  readonly seats: WebSocket[];
  state: State;
}
let waiting: Table | undefined;

endpoint.on('connection', (socket) => {
  const table: Table = waiting ?? { seats: [], state: ticTacToe.start() };
  const seat = table.seats.push(socket) - 1;
  waiting = seat === 0 ? table : undefined;
  socket.on('message', (data) => {
    const { id, move } = JSON.parse(data.toString()) as { id: number; move: number };
    const result = ticTacToe.play({ state: table.state, seat, move: move as never });
    if (!('state' in result)) throw new Error('The benchmark sent an illegal move.');
    const over = ticTacToe.outcome(result.state) !== null;
    table.state = over ? ticTacToe.start() : result.state;
    const event = JSON.stringify({ seat, move, state: ticTacToe.view(result.state, 'all'), over });
    for (const [place, each] of table.seats.entries()) {
      each.send(place === seat ? `{"id":${id},"result":${event}}` : `{"event":${event}}`);
    }
  });
  if (seat === 1) for (const each of table.seats) each.send('{"begin":true}');
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
});
