import type { Availability } from './availability.ts';
import type { Candidate } from './balancing-policy.ts';
import {
  type BreakerOptions,
  type BreakerState,
  breakerDefaults,
  CircuitBreaker,
} from './circuit-breaker.ts';
import { slowStartShare } from './slow-start.ts';

/** What may change while it is in use. */
export interface UpstreamShape {
  /** Its share of what is new, relative to the others': above 0. */
  readonly weight?: number;
  /** Connections or requests at once, after which it is full. */
  readonly maxConnections?: number;
  /** Milliseconds from a recovery to the whole weight; 0 for at once. */
  readonly slowStartMs?: number;
  readonly breaker?: Partial<BreakerOptions>;
}

export interface UpstreamOptions<Target> extends UpstreamShape {
  /** Its name in the settings, in metrics and on the operator's command line; unique within its route. */
  readonly id: string;
  /** Where it is, for whoever sends there. */
  readonly target: Target;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  readonly observer?: UpstreamObserver;
}

/** Told of what an operator should see: in the log, and in metrics. */
export interface UpstreamObserver {
  changed(change: UpstreamChange): void;
  reported(outcome: 'succeeded' | 'failed'): void;
}

const upstreamDefaults = { weight: 1, maxConnections: 1_000, slowStartMs: 10_000 } as const;

/** What the active probes say; nothing before the first one, which counts as up: nothing speaks against it yet. */
export type ProbeVerdict = 'unknown' | 'up' | 'down';

export type UpstreamChange =
  | { readonly kind: 'probe'; readonly verdict: ProbeVerdict; readonly reason?: string }
  | { readonly kind: 'breaker'; readonly state: BreakerState }
  | { readonly kind: 'draining'; readonly draining: boolean };

/** One use of an upstream: it counts as a connection until its end. */
export interface Lease<Target = unknown> {
  readonly upstream: Upstream<Target>;
  /** Whether the upstream did its part: connected, or answered. Only the first report counts. */
  report(outcome: 'succeeded' | 'failed'): void;
  /** The connection is over. Without a report before, nothing is said about the upstream. */
  end(): void;
}

/**
 * One upstream of a route, and everything known about it. Two sources speak about its health, apart from each other: the
 * active probes, and the failures of what was really sent there (the circuit breaker). Either alone can take it out, and
 * neither can overrule the other.
 */
export class Upstream<Target = unknown> implements Candidate, Availability {
  readonly id: string;
  readonly target: Target;
  #shape: UpstreamShape;
  readonly #now: () => number;
  readonly #observer: UpstreamObserver | undefined;
  readonly #breaker: CircuitBreaker;
  #verdict: ProbeVerdict = 'unknown';
  #isDraining = false;
  #connections = 0;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  constructor(options: UpstreamOptions<Target>) {
    this.id = options.id;
    this.target = options.target;
    this.#shape = options;
    this.#now = options.now ?? (() => performance.now());
    this.#observer = options.observer;
    this.#breaker = new CircuitBreaker({
      options: { ...breakerDefaults, ...options.breaker },
      now: this.#now,
      onChange: (state) => {
        if (state === 'closed') this.#recovered();
        this.#observer?.changed({ kind: 'breaker', state });
      },
    });
  }

  /** Another weight, another bound, …, from now on. What is known about it stays. */
  configure(shape: UpstreamShape): void {
    this.#shape = shape;
    this.#breaker.configure({ ...breakerDefaults, ...shape.breaker });
  }

  // ---- what policies see

  /** Its weight now: less than the whole for some time after a recovery. */
  get weight(): number {
    const { weight = upstreamDefaults.weight, slowStartMs = upstreamDefaults.slowStartMs } = this.#shape;
    return weight * slowStartShare(this.#now() - this.#recoveredAt, slowStartMs);
  }

  get load(): number {
    return this.#connections;
  }

  // ---- what decides whether it is available

  get healthy(): boolean {
    return this.#verdict !== 'down' && this.#breaker.admits;
  }

  get full(): boolean {
    return this.#connections >= this.maxConnections;
  }

  get maxConnections(): number {
    return this.#shape.maxConnections ?? upstreamDefaults.maxConnections;
  }

  get draining(): boolean {
    return this.#isDraining;
  }

  // ---- what an operator sees besides

  get probe(): ProbeVerdict {
    return this.#verdict;
  }

  get breaker(): BreakerState {
    return this.#breaker.state;
  }

  /** Milliseconds until its circuit breaker may let a trial through; 0 when that is not what is waited for. */
  get breakerWaitMs(): number {
    return this.#breaker.waitMs;
  }

  // ---- what happens to it

  /** Takes one connection; ask `isAvailable` before. */
  begin(): Lease<Target> {
    const ticket = this.#breaker.begin();
    this.#connections += 1;
    let isOver = false;
    let isReported = false;
    return {
      upstream: this,
      report: (outcome) => {
        if (isReported || isOver) return;
        isReported = true;
        ticket.report(outcome);
        this.#observer?.reported(outcome);
      },
      end: () => {
        if (isOver) return;
        isOver = true;
        this.#connections -= 1;
        ticket.report('unknown');
      },
    };
  }

  /** What the probes now say; `unknown` when there are none any more. */
  probed(verdict: ProbeVerdict, reason?: string): void {
    if (verdict === this.#verdict) return;
    // The first good probe confirms what was assumed; it is no recovery.
    if (this.#verdict === 'down') this.#recovered();
    this.#verdict = verdict;
    this.#observer?.changed({ kind: 'probe', verdict, ...(reason !== undefined && { reason }) });
  }

  /** Nothing new goes there from now on; what is there stays until its own end. */
  drain(): void {
    this.#setDraining(true);
  }

  undrain(): void {
    this.#setDraining(false);
  }

  #setDraining(draining: boolean): void {
    if (draining === this.#isDraining) return;
    if (!draining) this.#recovered();
    this.#isDraining = draining;
    this.#observer?.changed({ kind: 'draining', draining });
  }

  #recovered(): void {
    this.#recoveredAt = this.#now();
  }
}
