import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import type { Logger } from '../../process/logger.ts';
import { Counter, Registry } from '../../process/metrics.ts';
import { type ClientAddresses, peerAddress } from '../addresses/client-addresses.ts';
import { Caller } from '../policy/limits/caller.ts';
import type { Callers } from './callers.ts';
import { connectionKey } from './connection-key.ts';
import { takeProxyHeader } from './proxy-protocol/take-proxy-header.ts';

export interface ArrivalOptions {
  /** Milliseconds from the TCP connection to the finished TLS handshake, a PROXY header included. */
  readonly deadlineMs: () => number;
  readonly addresses: ClientAddresses;
  readonly callers: Callers;
  readonly logger: Logger;
  readonly metrics?: Registry;
}

/** Why a connection ended before its handshake did. */
type Refusal = 'full' | 'gone' | 'late' | 'sender_not_trusted' | 'proxy_header_invalid' | 'policy';

interface Arrival {
  readonly deadline: NodeJS.Timeout;
  client: string;
  /** Once the policy has let it in. */
  caller: Caller | 'trusted' | undefined;
}

/**
 * Looks after TCP connections until they are TLS connections: one deadline, the PROXY header where one is required, and whose
 * connection it is.
 *
 * ```
 *   TCP ──▶ header required? ── no ────────────────▶ policy ──▶ TLS handshake ──▶ HTTP
 *               │ yes                                          │        ▲
 *               ▼                                              ▼ late   │
 *            sender trusted? ── yes ──▶ header ── whole ──────────────────
 *               │ no                      │ invalid, late
 *               ▼                         ▼
 *                        closed, counted
 * ```
 *
 * Node's own `handshakeTimeout` starts again with every byte, so that a peer who sends one byte now and then would stay for
 * ever; this deadline does not.
 */
export function superviseArrivals(server: Server, options: ArrivalOptions): void {
  const { addresses, callers, deadlineMs, logger, metrics = new Registry() } = options;
  const refused = new Counter({
    name: 'castling_listener_refused_connections_total',
    help: 'Connections that were closed before their TLS handshake was over, by reason.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  const waiting = new Map<string, Arrival>();
  server.on('drop', () => refused.inc({ reason: 'full' }));
  // Node's own listener, which starts TLS. It runs once it is known whose connection this is.
  const startTls = server.listeners('connection');
  server.removeAllListeners('connection');

  server.on('connection', (socket: Socket) => {
    const key = connectionKey(socket);
    const peer = peerAddress(socket);
    if (key === undefined || peer === undefined) {
      refuse(socket, 'gone');
      return;
    }
    clearTimeout(waiting.get(key)?.deadline);
    const arrival: Arrival = {
      deadline: setTimeout(() => refuse(socket, 'late'), deadlineMs()),
      client: peer,
      caller: undefined,
    };
    waiting.set(key, arrival);
    socket.once('close', () => {
      clearTimeout(arrival.deadline);
      if (waiting.get(key) === arrival) waiting.delete(key);
      if (arrival.caller instanceof Caller) arrival.caller.end();
    });
    if (!addresses.requireProxyHeader) admit(socket, arrival);
    else if (!addresses.trusts(peer)) refuse(socket, 'sender_not_trusted', { peer });
    else {
      // Until TLS takes the socket over, nobody else listens for its errors.
      socket.on('error', () => socket.destroy());
      takeProxyHeader(socket, (header) => {
        if (header.kind === 'invalid') {
          refuse(socket, 'proxy_header_invalid', { peer, why: header.why });
          return;
        }
        arrival.client = header.client ?? peer;
        admit(socket, arrival);
      });
    }
  });

  // First of all listeners: whoever reads a request may ask whose it is.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const key = connectionKey(socket);
    const arrival = key === undefined ? undefined : waiting.get(key);
    if (key === undefined || arrival === undefined) return;
    clearTimeout(arrival.deadline);
    waiting.delete(key);
    addresses.learn(socket, arrival.client);
    if (arrival.caller !== undefined) callers.learn(socket, arrival.caller);
  });

  function admit(socket: Socket, arrival: Arrival): void {
    const caller = callers.arrive(arrival.client);
    if (caller !== 'trusted' && !(caller instanceof Caller)) {
      refuse(socket, 'policy', { client: arrival.client, rule: caller.rule });
      return;
    }
    arrival.caller = caller;
    for (const start of startTls) start.call(server, socket);
  }

  function refuse(socket: Socket, reason: Refusal, detail: object = {}): void {
    refused.inc({ reason });
    logger.debug({ reason, ...detail }, 'a connection was refused');
    socket.destroy();
  }
}
