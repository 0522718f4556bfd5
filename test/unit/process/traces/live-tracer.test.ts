import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../../src/process/logger.ts';
import { LiveTracer } from '../../../../src/process/traces/live-tracer.ts';
import { readTraceparent } from '../../../../src/process/traces/trace-parent.ts';
import { type OtlpCollector, startOtlpCollector } from '../../../support/otlp-collector.ts';

interface Wishes {
  readonly sampleRatio?: number;
  readonly headers?: string;
  readonly random?: () => number;
}

async function tracerFor(collector: Pick<OtlpCollector, 'endpoint'> | undefined, wishes: Wishes = {}) {
  const { sampleRatio = 1, headers, random = () => 0.5 } = wishes;
  const events: { readonly msg: string }[] = [];
  const destination = { write: (line: string) => void events.push(JSON.parse(line)) };
  const logger = createLogger({ name: 'test', level: 'info', pretty: false, destination });
  const tracer = new LiveTracer({ service: 'castling-proxy', version: '1.2.3', logger, random });
  const settings = { endpoint: collector?.endpoint, sampleRatio, headers };
  tracer.apply(settings, await tracer.prepare(settings));
  return { tracer, events };
}

const byName = (collector: OtlpCollector) => new Map(collector.spans.map((span) => [span.name, span]));

describe('the tracer of a process', () => {
  it('traces nothing without an endpoint, and asks no source of randomness', async () => {
    const random = () => {
      throw new Error('asked');
    };
    const { tracer } = await tracerFor(undefined, { random });
    expect(tracer.begin('receive')).toBeUndefined();
    expect(tracer.resume('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'queue')).toBeUndefined();
  });

  it('sends a span for the whole and one for each stage, one after another', async () => {
    await using collector = await startOtlpCollector();
    const { tracer } = await tracerFor(collector, { headers: 'x-key=abc=, x-tenant = club' });
    const trace = tracer.begin('receive');
    trace?.name('match.move');
    trace?.describe({ match: 'm_1', player: 'p_1', request: 'r_1' });
    trace?.stage('policy');
    trace?.end('not_your_turn');
    // After the end nothing counts.
    trace?.stage('late');
    trace?.end();
    await tracer.close();
    const spans = byName(collector);
    expect([...spans.keys()].sort()).toEqual(['match.move', 'policy', 'receive']);
    const whole = spans.get('match.move');
    expect(whole?.attributes).toEqual({
      'castling.match': 'm_1',
      'castling.player': 'p_1',
      'castling.request': 'r_1',
      'castling.refusal': 'not_your_turn',
    });
    expect(spans.get('receive')?.parentSpanId).toBe(whole?.spanId);
    expect(spans.get('policy')?.parentSpanId).toBe(whole?.spanId);
    expect(collector.headers[0]).toMatchObject({ 'x-key': 'abc=', 'x-tenant': 'club' });
  });

  it('goes on with the trace of another process, and with none that is not sampled or is no trace', async () => {
    await using collector = await startOtlpCollector();
    const { tracer } = await tracerFor(collector, { sampleRatio: 0 });
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const trace = tracer.resume(`00-${traceId}-${spanId}-01`, 'queue');
    expect(readTraceparent(trace?.traceparent ?? '')).toMatchObject({ traceId, isSampled: true });
    trace?.end();
    expect(tracer.resume(`00-${traceId}-${spanId}-00`, 'queue')).toBeUndefined();
    expect(tracer.resume('nonsense', 'queue')).toBeUndefined();
    await tracer.close();
    expect(byName(collector).get('request')).toMatchObject({ traceId, parentSpanId: spanId });
  });

  it('traces the part of requests that is wished', async () => {
    await using collector = await startOtlpCollector();
    let next = 0;
    const random = () => (next++ % 10) / 10;
    const { tracer } = await tracerFor(collector, { sampleRatio: 0.3, random });
    const traced = Array.from({ length: 100 }, () => tracer.begin('receive')).filter(
      (trace) => trace !== undefined,
    );
    expect(traced).toHaveLength(30);
    await tracer.close();
  });

  it('drops what a collector that hangs does not take, keeps no more than its queue, and does not wait for it', async () => {
    await using collector = await startOtlpCollector({ manner: 'hangs' });
    const { tracer } = await tracerFor(collector);
    for (let request = 0; request < 20_000; request += 1) tracer.begin('receive')?.end();
    // It has taken the first batch, and holds it; the second and everything beyond the queue of 2,048 is not there.
    await collector.until((spans) => spans.length > 0);
    // Resolves although no answer ever comes.
    await tracer.close();
    expect(collector.spans.length).toBeLessThanOrEqual(2_048 + 256);
  });

  it('tells of a collector that refuses once, and not for every batch', async () => {
    await using collector = await startOtlpCollector({ manner: 'refuses' });
    const { tracer, events } = await tracerFor(collector);
    for (let request = 0; request < 600; request += 1) tracer.begin('receive')?.end();
    await tracer.close();
    expect(collector.bodies.length).toBeGreaterThan(1);
    expect(events.filter(({ msg }) => msg.startsWith('Traces could not be sent'))).toHaveLength(1);
  });

  it('outlives a collector that is not there', async () => {
    const { tracer, events } = await tracerFor({ endpoint: 'http://127.0.0.1:9/v1/traces' });
    tracer.begin('receive')?.end();
    await tracer.close();
    expect(events.every(({ msg }) => msg.startsWith('Traces could not be sent'))).toBe(true);
  });

  it('is changed while it runs: off, and to another collector, with nothing lost of what was collected', async () => {
    await using first = await startOtlpCollector();
    await using second = await startOtlpCollector();
    const { tracer } = await tracerFor(first);
    tracer.begin('receive')?.end();
    const next = { endpoint: second.endpoint, sampleRatio: 1 };
    tracer.apply(next, await tracer.prepare(next));
    tracer.begin('receive')?.end();
    await tracer.close();
    await first.until((spans) => spans.length === 2);
    expect(second.spans).toHaveLength(2);
    expect(tracer.begin('receive')).toBeUndefined();
  });
});
