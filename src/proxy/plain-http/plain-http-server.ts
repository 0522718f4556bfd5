import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Logger } from '../../process/logger.ts';
import { problemBody, problems, problemType, rawProblem } from '../http/problem.ts';
import { pathOf } from '../http/request-faults.ts';

export interface PlainHttpOptions {
  /** The port on which players see the HTTPS server. */
  readonly httpsPort: number;
  /** What a certificate authority asks for here; `undefined` where there is no such challenge. */
  readonly challengeAnswer?: (token: string) => Promise<string | undefined>;
  readonly nextRequestId: () => string;
  readonly logger: Logger;
}

/** Milliseconds, bytes and counts: there is nothing here that takes long. */
const limits = {
  headersMs: 5_000,
  requestMs: 5_000,
  idleMs: 5_000,
  headerBytes: 8 * 1024,
  connections: 512,
} as const;

const challengePath = '/.well-known/acme-challenge/';
/** What programs ask for. Somebody who sends it in the clear must be told, and not be led on: it may have held a secret. */
const programPaths = /^\/(?:api|auth|play|\.well-known)(?:\/|$)/i;

/**
 * The plain HTTP port: sends whoever typed an address without `https` to the page, and answers certificate authorities. It carries
 * nothing else, and never sends `Strict-Transport-Security`, which counts over HTTPS only (RFC 6797 section 7.2). Not yet listening.
 */
export function createPlainHttpServer(options: PlainHttpOptions): Server {
  const { nextRequestId, logger } = options;
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: limits.headerBytes,
      requireHostHeader: true,
      shouldUpgradeCallback: () => false,
    },
    (request, response) => {
      answer(request, response, options).catch((err: unknown) => {
        logger.error({ err }, 'plain HTTP failed');
        response.destroy();
      });
    },
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = 1;
  server.setTimeout(limits.idleMs, (socket) => socket.destroy());
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(rawProblem('request_invalid', nextRequestId(), {}));
    else socket.destroy();
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { httpsPort, challengeAnswer, nextRequestId }: PlainHttpOptions,
): Promise<void> {
  const { method, headers, url = '' } = request;
  response.setHeader('connection', 'close');
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  const isReading = method === 'GET' || method === 'HEAD';
  const path = pathOf(url);
  if (isReading && path.startsWith(challengePath) && challengeAnswer !== undefined) {
    const found = await challengeAnswer(path.slice(challengePath.length));
    if (found === undefined) return problem('not_found');
    response.setHeader('content-type', 'application/octet-stream');
    response.end(found);
    return;
  }
  const host = hostIn(headers.host ?? '');
  if (host === undefined || !url.startsWith('/') || url.startsWith('//')) return problem('request_invalid');
  if (!isReading || programPaths.test(path) || headers.authorization !== undefined)
    return problem('https_required');
  response.setHeader('location', `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}${url}`);
  response.writeHead(308).end();

  function problem(code: 'not_found' | 'request_invalid' | 'https_required'): void {
    const { status } = problems[code];
    response.writeHead(status, { 'content-type': problemType });
    response.end(problemBody(code, nextRequestId()));
  }
}

/** The host of a Host field (RFC 9112 section 3.2), without its port; `undefined` for what is none. */
function hostIn(field: string): string | undefined {
  const [, name, address] =
    /^(?:([a-z0-9._-]{1,253})|\[([0-9a-f:.]{2,45})\])(?::\d{1,5})?$/i.exec(field) ?? [];
  if (address !== undefined) return isIPv6(address) ? `[${address}]` : undefined;
  return name;
}
