import { type MetricObjectWithValues, type MetricValue, Registry } from '../../process/metrics.ts';

/** One series; the parts of a histogram have names of their own. */
type Value = MetricValue<string> & { readonly metricName?: string };

/** What `Registry.getMetricsAsJSON` gives in one process. */
export type ProcessMetrics = readonly MetricObjectWithValues<Value>[];

/**
 * One registry of what several processes count, each series with the name of its process as the label `process`. Nothing is added
 * up here: a counter of a worker that was replaced begins at zero again, which a reader of the series understands, and which in a
 * sum would look like a fall of all.
 */
export function mergeMetrics(processes: ReadonlyMap<string, ProcessMetrics>): Registry {
  const merged = new Map<string, MetricObjectWithValues<Value>>();
  for (const [process, metrics] of processes) {
    for (const metric of metrics) {
      const values = metric.values.map((each) => ({
        ...each,
        // JSON has no NaN; what was not measured comes as null.
        value: each.value ?? Number.NaN,
        labels: { ...each.labels, process },
      }));
      const before = merged.get(metric.name)?.values ?? [];
      merged.set(metric.name, { ...metric, values: [...before, ...values] });
    }
  }
  const registry = new Registry();
  for (const metric of merged.values()) {
    registry.registerMetric(Object.assign({ get: async () => metric }, metric) as never);
  }
  return registry;
}
