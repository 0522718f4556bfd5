/** Every count of the listener, and sizes in bytes. All are finite; a test compares them with the server. Times are settings. */
export const listenerLimits = {
  /** How often slow headers and requests are looked for, in milliseconds. */
  checkMs: 1_000,
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
