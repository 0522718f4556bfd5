/** Stage 1: TCP → TLS → HTTP, with a bound on everything that a stranger can hold. */
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../process/logger.ts';
import { Counter, Registry } from '../../process/metrics.ts';
import type { ClientAddresses } from '../addresses/client-addresses.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import { type ProblemCode, rawProblem } from '../http/problem.ts';
import { AnswersUnderWay } from './answers-under-way.ts';
import { superviseArrivals } from './arrivals.ts';
import type { Callers } from './callers.ts';
import type { EdgeCertificates } from './certificates/edge-certificates.ts';
import { listenerLimits } from './listener-limits.ts';
import { mostConnections } from './most-connections.ts';
import { longestHandshakeMs, type Patience, usePatience } from './patience.ts';
import { edgeContext, edgeProtocols } from './tls-options.ts';

export interface ListenerOptions {
  readonly certificates: EdgeCertificates;
  readonly answerHeaders: AnswerHeaders;
  readonly ticketKeys?: Buffer;
  readonly onRequest: RequestListener;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly callers: Callers;
  /** Asked at each handshake; the rest is told by `usePatience`. */
  readonly patience: () => Patience;
  readonly nextRequestId: () => string;
  readonly logger: Logger;
  readonly addresses: ClientAddresses;
  readonly metrics?: Registry;
}

/** Room for fewer than this is worth a warning. */
const fewConnections = 1_000;

/** Makes the edge's HTTPS server, not yet listening. */
export function createListener(options: ListenerOptions): Server {
  const { certificates, answerHeaders, logger, nextRequestId, addresses, metrics = new Registry() } = options;
  const ended = new Counter({
    name: 'castling_listener_ended_connections_total',
    help: 'Connections that were ended for what came on them, or for what did not come, by reason.',
    labelNames: ['reason'],
    registers: [metrics],
  });
  const server = createServer(
    {
      ...edgeContext(certificates.material),
      SNICallback: certificates.choose,
      ALPNProtocols: edgeProtocols,
      ...(options.ticketKeys && { ticketKeys: options.ticketKeys }),
      // Cannot change later; the deadline of arrivals is never longer.
      handshakeTimeout: longestHandshakeMs,
      connectionsCheckingInterval: listenerLimits.checkMs,
      maxHeaderSize: listenerLimits.headerBytes,
      // A request without Host is refused where all are judged: Node would answer it, and go on with what is behind it.
      requireHostHeader: false,
      rejectNonStandardBodyWrites: true,
      joinDuplicateHeaders: false,
      noDelay: true,
    },
    options.onRequest,
  );
  server.maxConnections = mostConnections();
  if (server.maxConnections < fewConnections) {
    logger.warn(
      { connections: server.maxConnections },
      'few connections fit into the limit of open files; raise it (`ulimit -n`)',
    );
  }
  // Accepting that fails (no descriptors left) is tried again with the next connection; it must not end the process.
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (server.listening) logger.warn({ code: error.code }, 'a connection could not be accepted');
  });
  // Node drops what is beyond its own count without a word; ours is lower and refuses.
  server.maxHeadersCount = listenerLimits.headers * 2;
  server.maxRequestsPerSocket = listenerLimits.requestsPerSocket;
  server.on('timeout', (socket: Duplex) => {
    ended.inc({ reason: 'idle' });
    socket.destroy();
  });
  usePatience(server, options.patience());
  certificates.serve(server);
  superviseArrivals(server, {
    deadlineMs: () => options.patience().handshake,
    addresses,
    callers: options.callers,
    logger,
    metrics,
  });

  const answers = new AnswersUnderWay(server);
  // Whether the rest of a request is wanted is for whoever takes it to say (RFC 9110 section 10.1.1).
  server.on('checkContinue', options.onRequest);
  server.on('upgrade', options.onUpgrade);
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => end(socket, 'method_unimplemented'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    logger.debug({ code: error.code }, 'not HTTP');
    ended.inc({ reason: reasonFor(error.code) });
    end(socket, problemFor(error.code));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    logger.debug({ code: error.code }, 'TLS handshake failed');
    ended.inc({ reason: 'handshake' });
  });

  function end(socket: Duplex, problem: ProblemCode): void {
    // Whatever is written amid an answer would be read as a part of it.
    if (!socket.writable || answers.hasBegun(socket)) {
      socket.destroy();
      return;
    }
    socket.once('finish', () => socket.destroy());
    socket.end(rawProblem(problem, nextRequestId(), answerHeaders(socket)));
  }

  return server;
}

/** Why a connection ends whose bytes made no request. */
function reasonFor(code: string | undefined): 'slow_request' | 'header_too_large' | 'not_http' | 'gone' {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'slow_request';
    case 'HPE_HEADER_OVERFLOW':
      return 'header_too_large';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'gone';
    default:
      return 'not_http';
  }
}

function problemFor(code: string | undefined): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'header_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    default:
      return 'request_invalid';
  }
}
