import { Counter, Gauge, Histogram, type Registry } from '../../process/metrics.ts';
import { isAvailable } from './availability.ts';
import type { LeftOut, NoneAvailable } from './balancer.ts';
import type { Upstream } from './upstream.ts';

/** What one route counts. Route and upstream names come from the operator's settings, so their number is bounded. */
export interface RouteCounts {
  attempt(upstream: string, outcome: 'succeeded' | 'failed'): void;
  none(answer: NoneAvailable): void;
  /** The upstream is no more. */
  forget(upstream: string): void;
}

const breakerNumbers = { closed: 0, 'half-open': 1, open: 2 } as const;
const reasons: readonly LeftOut[] = ['tried', 'unhealthy', 'draining', 'full'];

/** The metrics of all routes' balancing. */
export class BalancingMetrics {
  readonly #attempts: Counter<'route' | 'upstream' | 'outcome'>;
  readonly #none: Counter<'route' | 'why'>;
  readonly #noneSeconds: Histogram<'route'>;

  /** @param routes what there is at each scrape */
  constructor(
    metrics: Registry,
    routes: () => Iterable<{ readonly name: string; readonly upstreams: readonly Upstream[] }>,
  ) {
    const registers = [metrics];
    const labelNames = ['route', 'upstream'] as const;
    const gauge = (what: string, help: string, read: (upstream: Upstream) => number | undefined) =>
      new Gauge({
        name: `castling_upstream_${what}`,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const { name, upstreams } of routes()) {
            for (const upstream of upstreams) {
              const value = read(upstream);
              if (value !== undefined) this.set({ route: name, upstream: upstream.id }, value);
            }
          }
        },
      });
    gauge('available', 'Whether something new may go to the upstream.', (each) => Number(isAvailable(each)));
    gauge('connections', 'Connections or requests that the upstream has now.', ({ load }) => load);
    gauge('probe_up', 'What its active probes say.', ({ probe }) =>
      probe === 'unknown' ? undefined : Number(probe === 'up'),
    );
    gauge(
      'breaker_state',
      'Its circuit breaker: 0 closed, 1 half open, 2 open.',
      ({ breaker }) => breakerNumbers[breaker],
    );
    gauge('draining', 'Whether an operator drains it.', ({ draining }) => Number(draining));
    this.#attempts = new Counter({
      name: 'castling_upstream_attempts_total',
      help: 'Connections or requests by what became of them at the upstream.',
      labelNames: ['route', 'upstream', 'outcome'],
      registers,
    });
    this.#none = new Counter({
      name: 'castling_balancing_none_available_total',
      help: 'Searches that found no upstream, by what most of the upstreams were left out for.',
      labelNames: ['route', 'why'],
      registers,
    });
    this.#noneSeconds = new Histogram({
      name: 'castling_balancing_none_available_seconds',
      help: 'How long it took to know that no upstream is available.',
      labelNames: ['route'],
      buckets: [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10],
      registers,
    });
  }

  of(route: string): RouteCounts {
    return {
      attempt: (upstream, outcome) => this.#attempts.inc({ route, upstream, outcome }),
      none: (answer) => {
        this.#none.inc({ route, why: mostCommon(answer.because) });
        this.#noneSeconds.observe({ route }, answer.tookMs / 1000);
      },
      forget: (upstream) => {
        this.#attempts.remove({ route, upstream, outcome: 'succeeded' });
        this.#attempts.remove({ route, upstream, outcome: 'failed' });
      },
    };
  }
}

function mostCommon(because: NoneAvailable['because']): LeftOut | 'no_upstreams' {
  let most: LeftOut | 'no_upstreams' = 'no_upstreams';
  for (const why of reasons) {
    if (because[why] > (most === 'no_upstreams' ? 0 : because[most])) most = why;
  }
  return most;
}
