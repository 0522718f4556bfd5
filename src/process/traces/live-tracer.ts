import type { Logger } from '../logger.ts';
import type { OpenTracer, TracesSettings } from './open-tracer.ts';
import { noTracer, type Trace, type Tracer } from './tracer.ts';

export interface LiveTracerOptions {
  /** Which process speaks: `castling-proxy`, `castling-backend`. */
  readonly service: string;
  readonly version: string;
  readonly logger: Logger;
  /** From 0 to below 1; decides which requests are traced. */
  readonly random: () => number;
}

/** Milliseconds for what is still to be sent when this process ends or the settings change. */
const closingMs = 1_000;

/**
 * The tracer of a process: off until its settings name an endpoint, and changed with them while it runs. The libraries are loaded
 * at the first endpoint and not before: they take 28 MB of memory and a fifth of a second.
 */
export class LiveTracer implements Tracer {
  readonly #options: LiveTracerOptions;
  #open: OpenTracer | undefined;
  #used: Tracer = noTracer;
  #sampleRatio = 0;

  constructor(options: LiveTracerOptions) {
    this.#options = options;
  }

  begin(stage: string): Trace | undefined {
    // Off: ratio 0, and nothing is asked of the source of randomness.
    if (this.#sampleRatio === 0 || this.#options.random() >= this.#sampleRatio) return undefined;
    return this.#used.begin(stage);
  }

  resume(traceparent: string, stage: string): Trace | undefined {
    return this.#used.resume(traceparent, stage);
  }

  /** Makes what new settings need; the old stays in use. Gives `undefined` where tracing is off. @throws what the libraries throw */
  async prepare(settings: TracesSettings): Promise<OpenTracer | undefined> {
    if (settings.endpoint === undefined) return undefined;
    const { openTracer } = await import('./open-tracer.ts');
    return openTracer({ ...this.#options, settings });
  }

  /** Uses what was prepared; what was collected until now is sent to where it was meant for. */
  apply(settings: TracesSettings, prepared: OpenTracer | undefined): void {
    const before = this.#open;
    this.#open = prepared;
    this.#used = prepared ?? noTracer;
    this.#sampleRatio = prepared === undefined ? 0 : settings.sampleRatio;
    void before?.close(closingMs);
  }

  /** Sends what is left, for a second at most. */
  async close(): Promise<void> {
    this.#used = noTracer;
    this.#sampleRatio = 0;
    await this.#open?.close(closingMs);
    this.#open = undefined;
  }
}
