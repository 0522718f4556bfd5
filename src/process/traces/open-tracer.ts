import { type Context, ROOT_CONTEXT, type Span, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';
import { readTraceparent, writeTraceparent } from './trace-parent.ts';
import type { Trace, TraceAttributes, Tracer } from './tracer.ts';

/** The section `traces` of the settings. */
export interface TracesSettings {
  /** Where OTLP over HTTP is taken, path included; `undefined` switches tracing off. */
  readonly endpoint?: string | undefined;
  /** The part of requests that is traced, from 0 to 1. */
  readonly sampleRatio: number;
  /** `NAME=VALUE`, several with commas between them. */
  readonly headers?: string | undefined;
}

export interface OpenTracerOptions {
  readonly service: string;
  readonly version: string;
  readonly settings: TracesSettings;
  readonly logger: Logger;
}

export interface OpenTracer extends Tracer {
  /** Sends what is left, for so many milliseconds at most. Throws nothing. */
  close(mostMs: number): Promise<void>;
}

/** Spans that wait to be sent; more are dropped. About a kilobyte each. */
const mostWaiting = 2_048;
const batchSpans = 256;
const everyMs = 1_000;
const sendMs = 5_000;
/** Milliseconds between two lines about a collector that takes nothing. */
const complainMs = 60_000;
const attributeCharacters = 256;

/**
 * Traces by OpenTelemetry, sent as OTLP over HTTP. What a collector does not take is dropped, never waited for: nothing that serves
 * players awaits anything here. The whole state of the libraries is in this object, none in their globals.
 */
export function openTracer({ service, version, settings, logger }: OpenTracerOptions): OpenTracer {
  const exporter = new OTLPTraceExporter({
    url: settings.endpoint ?? '',
    headers: headersOf(settings.headers ?? ''),
    timeoutMillis: sendMs,
    concurrencyLimit: 2,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    // Who is traced was decided before.
    sampler: new AlwaysOnSampler(),
    spanLimits: { attributeCountLimit: 16, attributeValueLengthLimit: attributeCharacters },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: complaining(exporter, logger),
        maxQueueSize: mostWaiting,
        maxExportBatchSize: batchSpans,
        scheduledDelayMillis: everyMs,
        exportTimeoutMillis: 2 * sendMs,
      }),
    ],
  });
  const spans = provider.getTracer('castling', version);
  const start: StartSpan = (name, { parent, kind = SpanKind.INTERNAL }) =>
    spans.startSpan(name, { kind }, parent);
  return {
    begin: (stage) => new SpanTrace({ start, parent: ROOT_CONTEXT, stage }),
    resume: (traceparent, stage) => {
      const from = readTraceparent(traceparent);
      if (!from?.isSampled) return undefined;
      const { traceId, spanId } = from;
      const remote = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      return new SpanTrace({ start, parent: trace.setSpanContext(ROOT_CONTEXT, remote), stage });
    },
    close: async (mostMs) => {
      const late = new Promise<void>((resolve) => void setTimeout(resolve, mostMs).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

type StartSpan = (name: string, options: { readonly parent: Context; readonly kind?: SpanKind }) => Span;

interface SpanTraceOptions {
  readonly start: StartSpan;
  readonly parent: Context;
  readonly stage: string;
}

class SpanTrace implements Trace {
  readonly #start: StartSpan;
  readonly #whole: Span;
  readonly #context: Context;
  #stage: Span;
  #isOver = false;

  constructor({ start, parent, stage }: SpanTraceOptions) {
    this.#start = start;
    this.#whole = start('request', { parent, kind: SpanKind.SERVER });
    this.#context = trace.setSpan(parent, this.#whole);
    this.#stage = start(stage, { parent: this.#context });
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#stage.spanContext();
    return writeTraceparent({ traceId, spanId, isSampled: true });
  }

  name(method: string): void {
    this.#whole.updateName(method);
  }

  describe({ match, player, request }: TraceAttributes): void {
    if (match !== undefined) this.#whole.setAttribute('castling.match', match);
    if (player !== undefined) this.#whole.setAttribute('castling.player', player);
    if (request !== undefined) this.#whole.setAttribute('castling.request', request);
  }

  stage(name: string): void {
    if (this.#isOver) return;
    this.#stage.end();
    this.#stage = this.#start(name, { parent: this.#context });
  }

  end(refusal?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (refusal !== undefined) this.#whole.setAttribute('castling.refusal', refusal);
    this.#stage.end();
    this.#whole.end();
  }
}

/** Tells of a collector that takes nothing once a minute; the spans are gone. */
function complaining(exporter: SpanExporter, logger: Logger): SpanExporter {
  let lost = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    export: (batch: ReadableSpan[], done) => {
      exporter.export(batch, (result) => {
        if (result.error !== undefined) {
          lost += batch.length;
          const now = performance.now();
          if (now - saidAt >= complainMs) {
            logger.warn(
              { err: result.error, lost },
              'Traces could not be sent, and were dropped; play goes on.',
            );
            [saidAt, lost] = [now, 0];
          }
        }
        // Said here; the library would print it by itself.
        done({ code: 0 });
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}

function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim());
  return Object.fromEntries(
    pairs.filter(Boolean).map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}
