import { Counter, Histogram, type Registry } from '../../process/metrics.ts';
import type { RefusalCode } from '../../protocol/refusals.ts';
import type { ForwardedMethod } from '../routing.ts';

/** How long players wait for backends, and what backends refuse them. */
export class RequestMetrics {
  readonly #seconds: Histogram<'method' | 'outcome'>;
  readonly #refusals: Counter<'code'>;

  constructor(metrics: Registry) {
    this.#seconds = new Histogram({
      name: 'castling_request_duration_seconds',
      help: 'Time from a player’s request to its answer, for what a backend answers.',
      labelNames: ['method', 'outcome'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers: [metrics],
    });
    this.#refusals = new Counter({
      name: 'castling_request_refusals_total',
      help: 'Requests that a backend refused, or did not answer, by the code that the player was told.',
      labelNames: ['code'],
      registers: [metrics],
    });
  }

  answered(method: ForwardedMethod, ms: number): void {
    this.#seconds.observe({ method, outcome: 'answered' }, ms / 1_000);
  }

  refused(method: ForwardedMethod, { code, ms }: { readonly code: RefusalCode; readonly ms: number }): void {
    this.#seconds.observe({ method, outcome: 'refused' }, ms / 1_000);
    this.#refusals.inc({ code });
  }
}
