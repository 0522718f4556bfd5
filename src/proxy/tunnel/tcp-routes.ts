import type { Logger } from '../../process/logger.ts';
import type { BalancingMetrics } from '../balancing/balancing-metrics.ts';
import { makeProbe } from '../balancing/probes/make-probe.ts';
import { type PoolSettings, UpstreamPool } from '../balancing/upstream-pool.ts';
import { type RouteSettings, type TcpRouteSettings, upstreamId } from '../routes/route-settings.ts';
import type { Address } from './connect-upstream.ts';
import { TcpRoute } from './tcp-route.ts';

/** The `tcp` routes of this process, as the settings list them. */
export class TcpRoutes implements Iterable<TcpRoute> {
  readonly #parts: { readonly metrics: BalancingMetrics; readonly logger: Logger };
  #routes: ReadonlyMap<string, TcpRoute> = new Map();
  /** Those that the settings no longer list, while they have tunnels: one that is listed again finds them. */
  #gone: ReadonlyMap<string, TcpRoute> = new Map();

  constructor(parts: { readonly metrics: BalancingMetrics; readonly logger: Logger }) {
    this.#parts = parts;
  }

  find(name: string): TcpRoute | undefined {
    return this.#routes.get(name);
  }

  /** Follows the settings from now on. A route that is gone lets nobody in; the tunnels that it has go on to their own end. */
  apply(settings: readonly TcpRouteSettings[], operators: ReadonlySet<string>): void {
    const before = this.#routes;
    this.#routes = new Map(
      settings.map((wanted) => {
        const known = before.get(wanted.name) ?? this.#gone.get(wanted.name);
        known?.pool.apply(poolSettings(wanted));
        known?.apply(wanted, operators);
        return [wanted.name, known ?? this.#make(wanted, operators)];
      }),
    );
    for (const route of before.values()) if (!this.#routes.has(route.name)) route.close();
    const left = [...this.#gone, ...before].filter(
      ([name, route]) => !this.#routes.has(name) && route.tunnels.size > 0,
    );
    this.#gone = new Map(left);
  }

  close(): void {
    for (const route of this) route.close();
  }

  [Symbol.iterator](): IterableIterator<TcpRoute> {
    return this.#routes.values();
  }

  #make(settings: TcpRouteSettings, operators: ReadonlySet<string>): TcpRoute {
    const { metrics, logger } = this.#parts;
    const pool = new UpstreamPool<Address>(poolSettings(settings), {
      route: settings.name,
      counts: metrics.of(settings.name),
      logger,
      makeProbe,
    });
    return new TcpRoute({ settings, pool, operators });
  }
}

function poolSettings({ upstreams, balance, probe }: RouteSettings): PoolSettings<Address> {
  const { policy, slowStartMs, breaker } = balance;
  return {
    policy,
    probe,
    upstreams: upstreams.map(({ host, port, weight, maxConnections }) => ({
      id: upstreamId({ host, port }),
      target: { host, port },
      weight,
      maxConnections,
      slowStartMs,
      breaker,
    })),
  };
}
