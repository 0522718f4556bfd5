import { expect, it } from 'vitest';
import { Counter, Gauge, Registry } from '../../../../src/process/metrics.ts';
import { mergeMetrics, type ProcessMetrics } from '../../../../src/proxy/primary/merge-metrics.ts';

/** As it comes over a channel: JSON has no NaN. */
async function metricsOf(moves: number, sockets: number): Promise<ProcessMetrics> {
  const registers = [new Registry()];
  const counter = new Counter({ name: 'moves_total', help: 'Moves.', labelNames: ['kind'], registers });
  counter.inc({ kind: 'legal' }, moves);
  new Gauge({ name: 'sockets', help: 'Sockets.', registers }).set(sockets);
  return JSON.parse(JSON.stringify(await registers[0]?.getMetricsAsJSON()));
}

it('the metrics of several processes stand side by side, each series with the name of its process', async () => {
  const merged = mergeMetrics(
    new Map([
      ['primary', []],
      ['worker 1', await metricsOf(3, 10)],
      ['worker 2', await metricsOf(4, Number.NaN)],
    ]),
  );
  expect((await merged.metrics()).trim().split('\n').filter(Boolean)).toEqual([
    '# HELP moves_total Moves.',
    '# TYPE moves_total counter',
    'moves_total{kind="legal",process="worker 1"} 3',
    'moves_total{kind="legal",process="worker 2"} 4',
    '# HELP sockets Sockets.',
    '# TYPE sockets gauge',
    'sockets{process="worker 1"} 10',
    'sockets{process="worker 2"} Nan',
  ]);
});
