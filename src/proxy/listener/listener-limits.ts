/** Every time and count of the listener, in milliseconds and bytes. All are finite; a test compares them with the server. */
export const listenerLimits = {
  /** From the TCP connection to the finished TLS handshake, however slowly its bytes come. */
  handshakeMs: 10_000,
  /** From the first byte (or the handshake) to the end of a request's header, and of a whole request. */
  headersMs: 10_000,
  requestMs: 15_000,
  /** How often those two are looked at. */
  checkMs: 1_000,
  /** Without a byte in either direction. */
  idleMs: 30_000,
  /** Between two requests on one connection, and how many there may be. */
  keepAliveMs: 5_000,
  requestsPerSocket: 1_000,
  headerBytes: 16 * 1024,
  headers: 64,
  /** TCP connections at once, handshakes and WebSockets included. */
  connections: 20_000,
  /** WebSockets of players at once, and tunnels. */
  sockets: 16_000,
  tunnels: 4_000,
  /** HTTP request bodies. */
  bodyBytes: 16 * 1024,
} as const;
