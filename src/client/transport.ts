/** One WebSocket as the connection uses it. Text goes out in the order of the calls. */
export interface Transport {
  send(text: string): void;
  /** Ends it; `closed` is still called, once. */
  close(code?: number): void;
}

export interface TransportEvents {
  /** The upgrade succeeded. `signedIn` is true when the access token went along with it. */
  opened(facts: { readonly signedIn: boolean }): void;
  message(text: string): void;
  /** The end, whoever caused it; called once, also when the transport never opened. `error` is what the dialler knows. */
  closed(facts: { readonly code: number; readonly error?: unknown }): void;
}

/** Starts a WebSocket to the player protocol. It must never throw, and never call back before it has returned. */
export type Dial = (request: {
  /** `wss://HOST:PORT/play` */
  readonly url: string;
  readonly subprotocol: string;
  readonly token: string;
  /** Of a bound token: the proof for this upgrade, `GET` of the same address by `https:`. */
  readonly proof?: string;
  readonly events: TransportEvents;
}) => Transport;

/**
 * Dials with the platform's own WebSocket, in a browser or anywhere else that has one. Such a WebSocket cannot send an
 * `Authorization` header, so the connection signs in with its first message.
 */
export const webSocketDial: Dial = ({ url, subprotocol, events }) => {
  const socket = new WebSocket(url, subprotocol);
  socket.addEventListener('open', () => events.opened({ signedIn: false }));
  // A binary message is none of the protocol's; the empty text is refused as one that is not JSON.
  socket.addEventListener('message', ({ data }) => events.message(typeof data === 'string' ? data : ''));
  socket.addEventListener('close', ({ code }) => events.closed({ code }));
  return {
    send: (text) => socket.send(text),
    close: (code = 1000) => socket.close(code),
  };
};
