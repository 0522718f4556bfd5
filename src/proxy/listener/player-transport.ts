import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { PlayerTransport } from '../pipeline.ts';
import { TextFrame } from '../text-frame.ts';

/**
 * Writes to a WebSocket of `ws`. `socket` is the TLS socket below it: its drain tells when what waited has left. Messages are written
 * there as frames made here, in one piece: `ws` would make a header for each socket and write it apart. Without compression it
 * writes its own frames (pings, pongs, the close) at once and whole, so that both can take turns.
 */
export function playerTransport(webSocket: WebSocket, socket: Duplex): PlayerTransport {
  const isOpen = () => webSocket.readyState === WebSocket.OPEN;
  return {
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send(data) {
      if (isOpen()) socket.write(typeof data === 'string' ? new TextFrame(data).bytes : data.bytes);
    },
    whenDrained(callback) {
      socket.once('drain', callback);
    },
    close(code, reason) {
      webSocket.close(code, reason);
    },
    terminate() {
      webSocket.terminate();
    },
    pause() {
      if (isOpen()) webSocket.pause();
    },
    resume() {
      if (isOpen()) webSocket.resume();
    },
  };
}
