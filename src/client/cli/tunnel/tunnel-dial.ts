import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { BytePeer } from '../../../process/byte-relay.ts';
import { tunnelLimits, tunnelSubprotocol } from '../../../protocol/tunnel.ts';

/** One WebSocket to a tunnel. */
export interface TunnelSocket extends BytePeer {
  sendText(text: string): void;
  /** In order, when both directions have ended: what is on the way still arrives. */
  close(): void;
  /** At once. */
  cut(): void;
}

export interface TunnelSocketEvents {
  /** May begin before `text` has told that the upstream is there; the sender waits for that. */
  bytes(bytes: Uint8Array): void;
  text(text: string): void;
  /** The end, whoever caused it; once, also when it never opened. `status` is of the answer to a refused upgrade. */
  closed(facts: { readonly code: number; readonly status?: number; readonly error?: unknown }): void;
}

export interface TunnelDialRequest {
  /** `wss://HOST:PORT/tunnel/NAME` */
  readonly url: string;
  readonly token: string;
  /** Of a bound token, for this upgrade. */
  readonly proof?: string | undefined;
  readonly events: TunnelSocketEvents;
}

/** The server pings every 15 s; three pings without a byte, and the connection is dead though nobody said so. */
const silenceMs = 45_000;
/** Milliseconds in which what is on the way may still arrive after an orderly close: an upstream may be slow to take it. */
const orderlyCloseMs = 600_000;

export type TunnelDial = (request: TunnelDialRequest) => TunnelSocket;

export const dialTunnel: TunnelDial = ({ url, token, proof, events }) => {
  const options = {
    headers:
      proof === undefined
        ? { authorization: `Bearer ${token}` }
        : { authorization: `DPoP ${token}`, dpop: proof },
    maxPayload: tunnelLimits.messageBytes,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: 10_000,
    // Newer than its types.
    closeTimeout: orderlyCloseMs,
  };
  const webSocket = new WebSocket(url, tunnelSubprotocol, options);
  let below: Duplex | undefined;
  let status: number | undefined;
  let error: unknown;
  const watchdog = setTimeout(() => {
    // One that this side has paused cannot be heard.
    if (webSocket.isPaused) watchdog.refresh();
    else webSocket.terminate();
  }, silenceMs);
  const heard = () => void watchdog.refresh();
  webSocket.on('upgrade', (response) => {
    below = response.socket;
    heard();
  });
  webSocket.on('ping', heard);
  webSocket.on('message', (data: Buffer, isBinary) => {
    heard();
    if (isBinary) events.bytes(data);
    else events.text(data.toString());
  });
  webSocket.on('unexpected-response', (request, response) => {
    status = response.statusCode;
    request.destroy();
    webSocket.terminate();
  });
  webSocket.on('error', (failure) => {
    error = failure;
  });
  webSocket.on('close', (code) => {
    clearTimeout(watchdog);
    events.closed({ code, ...(status !== undefined && { status }), error });
  });
  const isOpen = () => webSocket.readyState === WebSocket.OPEN;
  return {
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    sendBytes: (bytes) => {
      if (isOpen()) webSocket.send(bytes, { binary: true });
    },
    sendText: (text) => {
      if (isOpen()) webSocket.send(text);
    },
    whenDrained: (callback) => void below?.once('drain', callback),
    pause: () => {
      if (isOpen()) webSocket.pause();
    },
    resume: () => {
      if (!isOpen()) return;
      watchdog.refresh();
      webSocket.resume();
    },
    close: () => webSocket.close(1000),
    cut: () => webSocket.terminate(),
  };
};
