import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { BytePeer } from '../../process/byte-relay.ts';
import { playerTransport } from '../listener/player-transport.ts';
import type { PlayerTransport } from '../pipeline.ts';

/** A WebSocket that carries bytes beside text. */
export type TunnelTransport = PlayerTransport & BytePeer;

const asBytes = { binary: true } as const;

export function tunnelTransport(webSocket: WebSocket, socket: Duplex): TunnelTransport {
  const text = playerTransport(webSocket, socket);
  return {
    get bufferedAmount() {
      return text.bufferedAmount;
    },
    send: text.send,
    whenDrained: text.whenDrained,
    close: text.close,
    terminate: text.terminate,
    pause: text.pause,
    resume: text.resume,
    sendBytes(bytes) {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(bytes, asBytes);
    },
  };
}
