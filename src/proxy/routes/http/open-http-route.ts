import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Auth } from '../../../auth/index.ts';
import { OperatorError } from '../../../process/operator-error.ts';
import type { BalancingMetrics } from '../../balancing/balancing-metrics.ts';
import { makeProbe } from '../../balancing/probes/make-probe.ts';
import type { Upstream } from '../../balancing/upstream.ts';
import { type PoolSettings, UpstreamPool } from '../../balancing/upstream-pool.ts';
import { pathOf } from '../../http/request-faults.ts';
import { mayUse } from '../access.ts';
import { HttpCache, type Outdated } from './cache/http-cache.ts';
import { MemoryStore } from './cache/memory-store.ts';
import { SqliteStore } from './cache/sqlite-store.ts';
import type { CacheStore } from './cache/stored-response.ts';
import type { HttpRoute } from './http-route.ts';
import { HttpRouteHandler, type RouteParts } from './http-route-handler.ts';
import type { RouteCounts } from './http-route-metrics.ts';
import type { HttpCacheSettings, HttpRouteSettings } from './http-route-settings.ts';
import type { HttpTarget } from './http-upstream.ts';
import { HttpUpstreams } from './http-upstreams.ts';
import { entryPath } from './sign-in/enter-url.ts';

export interface OpenRouteParts extends RouteParts {
  readonly auth: Pick<Auth, 'verifyRouteToken' | 'issueRouteToken'>;
  readonly balancing: BalancingMetrics;
  readonly onOutdated?: ((answers: Outdated) => void) | undefined;
  readonly now: () => number;
}

/** One `http` route with everything that it holds open. */
export class OpenHttpRoute {
  readonly route: HttpRoute;
  readonly handler: HttpRouteHandler;
  readonly #parts: OpenRouteParts;
  readonly #pool: UpstreamPool<HttpTarget>;
  readonly #connections: HttpUpstreams;
  readonly #store: CacheStore | undefined;
  readonly #cache: HttpCache | undefined;
  #settings: HttpRouteSettings;

  /** @throws OperatorError when the file of its cache cannot be used */
  constructor(settings: HttpRouteSettings, parts: OpenRouteParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.route = routeOf(settings, () => this.#settings);
    this.#pool = new UpstreamPool<HttpTarget>(poolSettings(settings), {
      route: settings.name,
      counts: parts.balancing.of(settings.name),
      logger: parts.logger,
      makeProbe,
    });
    this.#connections = new HttpUpstreams(this.#pool, settings.limits);
    this.#store = settings.cache && this.#openStore(settings.cache);
    this.#cache = settings.cache && this.#store && this.#makeCache(settings.cache, this.#store);
    this.handler = new HttpRouteHandler({
      route: this.route,
      upstreams: this.#connections,
      cache: this.#cache,
      parts,
    });
  }

  get upstreams(): readonly Upstream[] {
    return this.#pool.upstreams;
  }

  get counts(): RouteCounts {
    return { ...this.handler.counts, cache: this.#store?.size ?? { responses: 0, bytes: 0 } };
  }

  /** Nothing is under way. */
  get isQuiet(): boolean {
    const { requests, webSockets } = this.handler.counts;
    return requests + webSockets === 0;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isEntry = this.route.signIn === 'required' && pathOf(request.url ?? '') === entryPath(this.route);
    if (isEntry) await this.handler.takeEntry(request, response, this.#parts);
    else await this.handler.serve(request, response);
  }

  /** Whether this route can take over other settings; if not, another has to be opened in its place. */
  canFollow(settings: HttpRouteSettings): boolean {
    return isDeepStrictEqual(rest(settings), rest(this.#settings));
  }

  follow(settings: HttpRouteSettings): void {
    this.#settings = settings;
    this.#pool.apply(poolSettings(settings));
    // Who may come in may have changed.
    this.handler.endWhere(({ visitor }) => visitor !== undefined && !this.route.allows(visitor));
  }

  /** @param prefix as clients see it below the route, with or without the first `/` */
  purge(prefix: string): number | undefined {
    return this.#cache?.purge(this.route.name, this.route.upstreamPath + prefix.replace(/^\//, ''));
  }

  /** Another process's client may have changed what is kept here. */
  forget(answers: Outdated): void {
    this.#cache?.forget(answers);
  }

  /** Takes nothing new; what is under way goes on to its own end. */
  retire(): void {
    this.#pool.close();
    this.#connections.close();
    this.#store?.close();
  }

  /** Ends everything. */
  close(): void {
    this.handler.close();
    this.retire();
  }

  #openStore({ store, bytes, bodyBytes }: HttpCacheSettings): CacheStore {
    const bounds = { bytes, bodyBytes };
    if (store.kind === 'memory') return new MemoryStore(bounds);
    const { logger, now } = this.#parts;
    const { name } = this.#settings;
    const onFailure = (error: unknown) =>
      logger.warn({ err: error, route: name }, 'the file of kept answers cannot be used now');
    try {
      return new SqliteStore({ path: store.path, bounds, now, onFailure });
    } catch (cause) {
      throw new OperatorError(
        'file_unreadable',
        `${store.path} cannot be used for the kept answers of the route ${name}; delete it, or choose another cache.store.`,
        { cause },
      );
    }
  }

  #makeCache(settings: HttpCacheSettings, store: CacheStore): HttpCache {
    const { metrics, now, onOutdated } = this.#parts;
    const { bytes, bodyBytes, heuristicMostSeconds, disconnectedMostSeconds } = settings;
    return new HttpCache({
      store,
      bounds: { bytes, bodyBytes },
      policy: { heuristicMost: heuristicMostSeconds, disconnectedMost: disconnectedMostSeconds },
      patienceMs: this.#settings.limits.firstByteMs,
      now,
      onResult: (route, result) => metrics.cached(route, result),
      ...(onOutdated && { onOutdated }),
    });
  }
}

/** Who may use it is asked each time, so that it can change by itself. */
function routeOf(settings: HttpRouteSettings, current: () => HttpRouteSettings): HttpRoute {
  const { name, place, upstreamPath, hostField, publicHost, signIn, tellsName, limits } = settings;
  return {
    ...{ name, place, upstreamPath, signIn, tellsName, limits },
    ...(hostField !== undefined && { hostField }),
    ...(publicHost !== undefined && { publicHost }),
    requestFields: new Set(settings.requestFields),
    origins: new Set(settings.origins),
    allows: (session) => mayUse(current().allow, session, current().operators),
  };
}

/** Settings whose change needs another route in place of this one. */
function rest({
  upstreams: _u,
  balance: _b,
  probe: _p,
  allow: _a,
  operators: _o,
  ...others
}: HttpRouteSettings) {
  return others;
}

function poolSettings({
  upstreams,
  balance,
  probe,
  tls,
  hostField,
}: HttpRouteSettings): PoolSettings<HttpTarget> {
  const { policy, slowStartMs, breaker } = balance;
  return {
    policy,
    probe,
    upstreams: upstreams.map(({ host, port, weight, maxConnections }) => ({
      id: `${host}:${port}`,
      target: {
        ...{ host, port, tls: tls !== undefined },
        ...(tls?.ca !== undefined && { ca: tls.ca }),
        ...(hostField !== undefined && { hostField }),
      },
      weight,
      maxConnections,
      slowStartMs,
      breaker,
    })),
  };
}
