import type { Server } from 'node:https';

/** The most that `slowness.handshake` may be. */
export const longestHandshakeMs = 60_000;

/** How long the listener waits for a stranger, in milliseconds; an operator's settings. */
export interface Patience {
  /** From the TCP connection to the finished TLS handshake, however slowly its bytes come. */
  readonly handshake: number;
  /** From the first byte (or the handshake) to the end of a request's header, and of a whole request. */
  readonly header: number;
  readonly request: number;
  /** Without a byte in either direction. */
  readonly idle: number;
  /** Between two requests on one connection. */
  readonly keepAlive: number;
}

/** From now on, for connections that are open too; `idle` and `keepAlive` count from their next request on. */
export function usePatience(server: Server, { header, request, idle, keepAlive }: Patience): void {
  server.headersTimeout = header;
  server.requestTimeout = request;
  server.timeout = idle;
  server.keepAliveTimeout = keepAlive;
}
