import { Counter, Gauge, Histogram, type Registry } from '../../../process/metrics.ts';
import type { CacheResult } from './cache/cache-ask.ts';
import type { RelayEnd } from './websocket-relay.ts';

/** What `http` routes count. The label `route` has the names of the settings. */
export class HttpRouteMetrics {
  readonly #requests: Counter<'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;
  readonly #bytes: Counter<'route' | 'direction'>;
  readonly #retries: Counter<'route' | 'because'>;
  readonly #cache: Counter<'route' | 'result'>;
  readonly #webSockets: Counter<'route' | 'why'>;

  constructor(metrics: Registry, counts: () => Iterable<RouteCounts>) {
    const registers = [metrics];
    this.#requests = new Counter({
      name: 'castling_http_route_requests_total',
      help: 'Requests answered at http routes, by the class of the status.',
      labelNames: ['route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'castling_http_route_seconds',
      help: 'Time from a request to the end of its answer at http routes.',
      labelNames: ['route'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#bytes = new Counter({
      name: 'castling_http_route_bytes_total',
      help: 'Bytes of bodies and WebSockets at http routes, from clients and to them.',
      labelNames: ['route', 'direction'],
      registers,
    });
    this.#retries = new Counter({
      name: 'castling_http_route_retries_total',
      help: 'Requests that went to another upstream because the first failed.',
      labelNames: ['route', 'because'],
      registers,
    });
    this.#cache = new Counter({
      name: 'castling_http_cache_requests_total',
      help: 'Requests that went through the cache of an http route, by what it did about them.',
      labelNames: ['route', 'result'],
      registers,
    });
    this.#webSockets = new Counter({
      name: 'castling_http_route_websockets_total',
      help: 'WebSockets passed on at http routes that are over, by what ended them.',
      labelNames: ['route', 'why'],
      registers,
    });
    for (const [name, help, select] of [
      ['castling_http_route_requests', 'Requests under way at http routes.', requestsOf],
      ['castling_http_route_websockets', 'WebSockets open at http routes.', webSocketsOf],
      ['castling_http_cache_responses', 'Answers kept for http routes.', responsesOf],
      ['castling_http_cache_bytes', 'Bytes of the answers kept for http routes.', cacheBytesOf],
    ] as const) {
      new Gauge({
        name,
        help,
        labelNames: ['route'],
        registers,
        collect() {
          this.reset();
          for (const each of counts()) this.set({ route: each.route }, select(each));
        },
      });
    }
  }

  answered(
    route: string,
    { status, seconds, bytes }: { status: number; seconds: number; bytes: number },
  ): void {
    this.#requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
    this.#seconds.observe({ route }, seconds);
    this.#bytes.inc({ route, direction: 'to_client' }, bytes);
  }

  retried(route: string, because: string): void {
    this.#retries.inc({ route, because });
  }

  cached(route: string, result: CacheResult): void {
    this.#cache.inc({ route, result });
  }

  webSocketEnded(
    route: string,
    { why, sent, received }: { why: RelayEnd; sent: number; received: number },
  ): void {
    this.#webSockets.inc({ route, why });
    this.#bytes.inc({ route, direction: 'from_client' }, sent);
    this.#bytes.inc({ route, direction: 'to_client' }, received);
  }
}

export interface RouteCounts {
  readonly route: string;
  readonly requests: number;
  readonly webSockets: number;
  readonly cache: { readonly responses: number; readonly bytes: number };
}

const requestsOf = ({ requests }: RouteCounts) => requests;
const webSocketsOf = ({ webSockets }: RouteCounts) => webSockets;
const responsesOf = ({ cache }: RouteCounts) => cache.responses;
const cacheBytesOf = ({ cache }: RouteCounts) => cache.bytes;
