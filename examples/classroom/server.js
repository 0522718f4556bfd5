// A socket program as a class writes it: it binds a port, accepts one connection, and reads each move as bare digits, one
// `recv` a move, no newline; it answers in the same way. It knows nothing of Castling.
//
// Usage: node server.js [PORT]
import { createServer } from 'node:net';
import { Board } from './board.js';

const port = Number(process.argv[2] ?? 5050);
const board = new Board();
const server = createServer();

server.once('connection', (socket) => {
  server.close();
  console.log('The other player is here and begins.');
  socket.on('data', (received) => {
    const square = Number(received.toString('ascii'));
    if (!board.play('X', square)) {
      console.log(`That is no move: ${received.toString('ascii')}`);
      socket.end();
      return;
    }
    console.log(`The other player takes ${square}.`);
    if (board.result() === undefined) {
      const answer = board.suggestion();
      board.play('O', answer);
      console.log(`I take ${answer}.`);
      socket.write(String(answer));
    }
    if (board.result() !== undefined) socket.end();
  });
  socket.on('close', () => console.log(`${board}\nResult: ${board.result() ?? 'broken off'}`));
  socket.on('error', (error) => console.log(`The connection broke: ${error.message}`));
});

server.listen(port, '127.0.0.1', () => console.log(`Waiting on port ${server.address().port}.`));
