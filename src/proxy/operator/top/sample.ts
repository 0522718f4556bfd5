import { askControl, type ProcessStatus } from '../../../process/control/index.ts';
import { OperatorError } from '../../../process/operator-error.ts';
import type { ProcessMetrics } from '../../primary/merge-metrics.ts';
import type { Bucket } from './quantile.ts';

/** What one process said. */
export interface ProcessSample {
  readonly status: ProcessStatus | undefined;
  readonly metrics: ProcessMetrics;
}

/** What all processes of a machine said at one moment. */
export interface Sample {
  /** Milliseconds of a clock that never goes back. */
  readonly at: number;
  readonly processes: ReadonlyMap<string, ProcessSample>;
}

/** @throws OperatorError `unavailable` when no Castling runs there */
export async function takeSample(data: string): Promise<Sample> {
  const [statuses, metrics] = await Promise.all([
    answers<ProcessStatus>('GET /status', data),
    answers<ProcessMetrics>('GET /metrics', data),
  ]);
  const names = new Set([...statuses.keys(), ...metrics.keys()]);
  const processes = [...names].map((name) => {
    return [name, { status: statuses.get(name), metrics: metrics.get(name) ?? [] }] as const;
  });
  return { at: performance.now(), processes: new Map(processes) };
}

/** By process; one that fails is left out, since the others are still worth seeing. */
async function answers<Value>(
  route: 'GET /status' | 'GET /metrics',
  data: string,
): Promise<Map<string, Value>> {
  const found = new Map<string, Value>();
  for await (const answer of askControl(route, { data })) {
    if ('value' in answer) found.set(answer.from, answer.value as Value);
  }
  if (found.size === 0) throw new OperatorError('unavailable', 'Castling runs there but tells nothing.');
  return found;
}

/** Which series of a metric are meant; every label that is named must be equal. */
export interface Series {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The sum of a metric’s series in one process; 0 when it has none. A histogram’s parts have names of their own. */
export function sumOf({ metrics }: ProcessSample, { name, labels = {} }: Series): number {
  return valuesOf(metrics, { name, labels }).reduce((sum, { value }) => sum + (value ?? 0), 0);
}

/** A histogram’s buckets, its series added up. */
export function bucketsOf({ metrics }: ProcessSample, { name, labels = {} }: Series): Bucket[] {
  const counts = new Map<number, number>();
  for (const { value, labels: own } of valuesOf(metrics, { name: `${name}_bucket`, labels })) {
    const le = own.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(own.le);
    counts.set(le, (counts.get(le) ?? 0) + (value ?? 0));
  }
  return [...counts].map(([le, count]) => ({ le, count })).sort((a, b) => a.le - b.le);
}

/** The values of one label, with the sum of each. */
export function byLabel(sample: ProcessSample, name: string, label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { value, labels } of valuesOf(sample.metrics, { name, labels: {} })) {
    const key = String(labels[label] ?? '');
    sums.set(key, (sums.get(key) ?? 0) + (value ?? 0));
  }
  return sums;
}

function valuesOf(metrics: ProcessMetrics, { name, labels }: Required<Series>) {
  const metric = metrics.find((each) => name === each.name || partsOf(each.name).includes(name));
  const wanted = Object.entries(labels);
  return (metric?.values ?? []).filter(({ metricName, labels: own }) => {
    if ((metricName ?? metric?.name) !== name) return false;
    return wanted.every(([label, value]) => String(own[label]) === value);
  });
}

function partsOf(histogram: string): string[] {
  return [`${histogram}_bucket`, `${histogram}_count`, `${histogram}_sum`];
}
