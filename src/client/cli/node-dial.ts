import { WebSocket } from 'ws';
import { limits } from '../../protocol/limits.ts';
import type { Dial } from '../transport.ts';

/** The server pings every 15 s; three pings without a byte, and the connection is dead though nobody said so. */
const silenceMs = 45_000;

const closeTimeoutMs = 1_000;

/** Bytes of the largest message taken: a resume with its greatest number of events. */
const longestMessage = limits.resumeEvents * limits.moveBytes * 2;

/** Dials with `ws`, which can send the token with the upgrade and notices a server that has fallen silent. */
export const nodeDial: Dial = ({ url, subprotocol, token, proof, events }) => {
  const socket = new WebSocket(url, subprotocol, {
    headers:
      proof === undefined
        ? { authorization: `Bearer ${token}` }
        : { authorization: `DPoP ${token}`, dpop: proof },
    maxPayload: longestMessage,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: 10_000,
  });
  let failure: unknown;
  const watchdog = setTimeout(() => socket.terminate(), silenceMs);
  const heard = () => void watchdog.refresh();
  socket.on('open', () => {
    heard();
    events.opened({ signedIn: true });
  });
  socket.on('ping', heard);
  socket.on('message', (data, isBinary) => {
    heard();
    // A binary message is none of the protocol's; the empty text is refused as one that is not JSON.
    events.message(isBinary ? '' : data.toString());
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', (code) => {
    clearTimeout(watchdog);
    events.closed({ code, error: failure });
  });
  return {
    send(text) {
      // Between the peer's close and our hearing of it a send would throw; the unanswered request goes out again later.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close(code = 1000) {
      socket.close(code);
      // A server that does not answer the close must not keep the program alive.
      setTimeout(() => socket.terminate(), closeTimeoutMs).unref();
    },
  };
};
