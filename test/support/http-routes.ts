import type {
  HttpCacheSettings,
  HttpRouteSettings,
} from '../../src/proxy/routes/http/http-route-settings.ts';
import type { ProxyRig } from './proxy-rig.ts';

/** Settings of an `http` route for tests, at `/app/`, with short times. */
export function httpRoute(
  ports: readonly number[],
  changes: Partial<Omit<HttpRouteSettings, 'limits'>> & {
    limits?: Partial<HttpRouteSettings['limits']>;
  } = {},
): HttpRouteSettings {
  const { limits, ...rest } = changes;
  return {
    name: 'app',
    place: { kind: 'path', path: '/app/' },
    upstreamPath: '/',
    signIn: 'public',
    allow: 'players',
    operators: new Set(),
    tellsName: false,
    requestFields: [],
    origins: [],
    upstreams: ports.map((port) => ({ host: '127.0.0.1', port, weight: 1, maxConnections: 1_000 })),
    balance: {
      policy: 'round-robin',
      slowStartMs: 0,
      breaker: {
        failures: 1_000,
        windowMs: 10_000,
        openMs: 100,
        longestOpenMs: 100,
        trials: 1,
        successes: 1,
      },
    },
    probe: undefined,
    limits: {
      requestBodyBytes: 1024 * 1024,
      responseBodyBytes: 4 * 1024 * 1024,
      connectMs: 1_000,
      firstByteMs: 5_000,
      idleMs: 5_000,
      totalMs: 20_000,
      requests: 500,
      requestsPerPlayer: 500,
      webSockets: 100,
      webSocketsPerPlayer: 4,
      webSocketIdleMs: 10_000,
      webSocketTotalMs: 60_000,
      ...limits,
    },
    ...rest,
  };
}

/** Gives a proxy these routes in place of those that it had. */
export function routeHttp(rig: Pick<ProxyRig, 'proxy'>, ...routes: readonly HttpRouteSettings[]): void {
  const { httpRoutes } = rig.proxy;
  httpRoutes.apply(httpRoutes.prepare(routes));
}

export const memoryCache: HttpCacheSettings = {
  store: { kind: 'memory' },
  bytes: 4 * 1024 * 1024,
  bodyBytes: 256 * 1024,
  heuristicMostSeconds: 60,
  disconnectedMostSeconds: 0,
};
