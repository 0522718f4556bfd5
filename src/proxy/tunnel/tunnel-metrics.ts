import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';
import type { TcpRoute } from './tcp-route.ts';
import type { TunnelUse } from './tunnel.ts';
import type { TunnelAccounts } from './tunnel-accounts.ts';

/** What there is at each scrape. */
export interface TunnelFacts {
  readonly routes: () => Iterable<TcpRoute>;
  readonly accounts: () => Pick<TunnelAccounts, 'players' | 'busiest'>;
}

/** What tunnels do, by route: never by player, since there is no end of those. */
export class TunnelMetrics {
  readonly #ended: Counter<'route' | 'why'>;
  readonly #seconds: Histogram<'route'>;
  readonly #lost: Counter;

  constructor(metrics: Registry, { routes, accounts }: TunnelFacts) {
    const registers = [metrics];
    new Gauge({
      name: 'castling_tunnel_players',
      help: 'Players who have tunnels open now.',
      labelNames: ['route'],
      registers,
      collect() {
        this.reset();
        for (const { name } of routes()) this.set({ route: name }, accounts().players(name));
      },
    });
    new Gauge({
      name: 'castling_tunnel_busiest_player_bytes',
      help: 'Bytes up and down of the player who moved most in the last ten seconds entered; castling admin usage says who uses how much.',
      labelNames: ['route'],
      registers,
      collect() {
        this.reset();
        for (const { name } of routes()) this.set({ route: name }, accounts().busiest(name));
      },
    });
    this.#lost = new Counter({
      name: 'castling_tunnel_uses_lost_total',
      help: 'Uses of players that could not be written down for so long that they were dropped.',
      registers,
    });
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

  lost(uses: number): void {
    this.#lost.inc(uses);
  }
}
