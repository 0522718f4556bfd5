import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { BytePeer } from '../../process/byte-relay.ts';
import { playerTransport } from '../listener/player-transport.ts';
import type { PlayerTransport } from '../pipeline.ts';

/** A WebSocket that carries bytes beside text. */
export type TunnelTransport = PlayerTransport &
  BytePeer & {
    /** When it last was not read, Unix milliseconds. */
    readonly deafAt: number;
  };

const asBytes = { binary: true } as const;

export function tunnelTransport(
  { webSocket, socket }: { readonly webSocket: WebSocket; readonly socket: Duplex },
  now: () => number,
): TunnelTransport {
  const text = playerTransport(webSocket, socket);
  let resumedAt = Number.NEGATIVE_INFINITY;
  return {
    get deafAt() {
      return webSocket.isPaused ? now() : resumedAt;
    },
    get bufferedAmount() {
      return text.bufferedAmount;
    },
    send: text.send,
    whenDrained: text.whenDrained,
    close: text.close,
    terminate: text.terminate,
    pause: text.pause,
    resume() {
      if (webSocket.isPaused) resumedAt = now();
      text.resume();
    },
    sendBytes(bytes) {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.send(bytes, asBytes);
    },
  };
}
