/**
 * A TCP program that sends back what it gets, as it gets it: what stands behind the relays that benchmarks compare.
 *
 * Arguments: PORT.
 */
import { createServer } from 'node:net';

const [port = ''] = process.argv.slice(2);
createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
}).listen(Number(port), '127.0.0.1');
