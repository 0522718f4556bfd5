/** The operator's window: plain HTTP, loopback only by default, nothing in it that a player may see. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from '../process/metrics.ts';

export interface AdminOptions {
  /** Why a player could not play now; empty when one could. */
  readonly obstacles: () => Promise<readonly string[]>;
  readonly metrics: () => Promise<Pick<Registry, 'contentType' | 'metrics'>>;
  /** The settings in effect, secrets hidden. */
  readonly shownSettings?: (() => object) | undefined;
}

/**
 * `GET /live`: this process answers. `GET /ready`: a player could play (200), or why not (503). `GET /metrics`: in the
 * Prometheus text format. `GET /config`: the settings in effect, secrets hidden. Not yet listening.
 */
export function createAdminServer(options: AdminOptions): Server {
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 1_000,
      maxHeaderSize: 8 * 1024,
    },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = 64;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { obstacles, metrics, shownSettings = () => ({}) }: AdminOptions,
): Promise<void> {
  if (!isLoopbackName(request.headers.host ?? '')) {
    // A page in the operator's browser may have a name that resolves to this machine (DNS rebinding).
    send(response, 421, { error: 'Ask for this by a loopback name or address.' });
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, { error: 'Only GET and HEAD.' });
    return;
  }
  switch (request.url) {
    case '/live':
      send(response, 200, { live: true });
      return;
    case '/ready': {
      const reasons = await obstacles();
      send(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      return;
    }
    case '/metrics': {
      const registry = await metrics();
      response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
      response.end(await registry.metrics());
      return;
    }
    case '/config':
      send(response, 200, shownSettings());
      return;
    default:
      send(response, 404, { error: 'Here are /live, /ready, /metrics and /config.' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function isLoopbackName(host: string): boolean {
  return /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}
