// The other half of the pair: it connects, and sends and reads each move as bare digits. It knows nothing of Castling: whether
// the server or a tunnel listens at the address makes no difference to it.
//
// Usage: node client.js [PORT [HOST]]
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Board } from './board.js';

const port = Number(process.argv[2] ?? 5050);
const host = process.argv[3] ?? '127.0.0.1';
const board = new Board();
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const socket = connect(port, host);

async function move() {
  console.log(`${board}\nYour square?`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) {
      socket.destroy();
      return;
    }
    const square = Number(value);
    if (board.play('X', square)) {
      socket.write(String(square));
      return;
    }
    console.log('That square is not free; another one?');
  }
}

socket.on('connect', () => {
  console.log('Connected; you play X.');
  void move();
});
socket.on('data', (received) => {
  const square = Number(received.toString('ascii'));
  board.play('O', square);
  console.log(`The server takes ${square}.`);
  if (board.result() === undefined) void move();
});
socket.on('end', () => socket.end());
socket.on('close', () => {
  console.log(`${board}\nResult: ${board.result() ?? 'broken off'}`);
  process.exit(board.result() === undefined ? 1 : 0);
});
socket.on('error', (error) => console.log(`The connection broke: ${error.message}`));
