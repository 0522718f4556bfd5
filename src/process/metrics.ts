import { collectDefaultMetrics, Registry } from 'prom-client';

export {
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

/**
 * The metrics of one process: a Prometheus registry with what Node says of itself (CPU, memory, event-loop lag, …).
 *
 * It is made once by the composition root and handed down as `metrics: Registry`. A part that counts makes its metrics in
 * its constructor, `new Counter({ name, help, labelNames, registers: [metrics] })`, and takes `new Registry()` when it is
 * given none: that is the form that nobody reads. Names are `castling_<part>_<what>_<unit>`, with `_total` for counters and
 * base units (seconds, bytes). Label values come from closed sets in the code, never from what a stranger chooses: no
 * player, match, address or path, so that the number of series is bounded whatever happens outside.
 */
export function createMetrics(): Registry {
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  return metrics;
}
