import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';
import type { TcpRoute } from './tcp-route.ts';
import type { TunnelUse } from './tunnel.ts';

/** What tunnels do, by route: never by player. */
export class TunnelMetrics {
  readonly #ended: Counter<'route' | 'why'>;
  readonly #seconds: Histogram<'route'>;

  /** @param routes what there is at each scrape */
  constructor(metrics: Registry, routes: () => Iterable<TcpRoute>) {
    const registers = [metrics];
    new Gauge({
      name: 'castling_tunnel_open',
      help: 'Tunnels that are open now.',
      labelNames: ['route'],
      registers,
      collect() {
        this.reset();
        for (const { name, tunnels } of routes()) this.set({ route: name }, tunnels.size);
      },
    });
    new Counter({
      name: 'castling_tunnel_bytes_total',
      help: 'Bytes of players’ programs: up to the upstreams, and down from them.',
      labelNames: ['route', 'direction'],
      registers,
      collect() {
        // Counted by the route itself, so that a byte on its way costs one addition.
        this.reset();
        for (const { name, bytes } of routes()) {
          this.inc({ route: name, direction: 'up' }, bytes.up);
          this.inc({ route: name, direction: 'down' }, bytes.down);
        }
      },
    });
    this.#ended = new Counter({
      name: 'castling_tunnel_ended_total',
      help: 'Tunnels that have ended, by why.',
      labelNames: ['route', 'why'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'castling_tunnel_duration_seconds',
      help: 'How long tunnels were open.',
      labelNames: ['route'],
      buckets: [1, 10, 60, 300, 1_800, 7_200, 28_800, 86_400],
      registers,
    });
  }

  ended({ route, end, ms }: TunnelUse): void {
    this.#ended.inc({ route, why: end });
    this.#seconds.observe({ route }, ms / 1000);
  }
}
