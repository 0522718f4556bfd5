import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { PlayerTransport } from '../pipeline.ts';

const asText = { binary: false } as const;

/** Writes to a WebSocket of `ws`. `socket` is the TLS socket below it: its drain tells when what waited has left. */
export function playerTransport(webSocket: WebSocket, socket: Duplex): PlayerTransport {
  const isOpen = () => webSocket.readyState === WebSocket.OPEN;
  return {
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send(data) {
      if (isOpen()) webSocket.send(data, asText);
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
