import { FailureWindow } from './failure-window.ts';

export interface BreakerOptions {
  /** Failures within `windowMs` that open it, when they are at least half of all outcomes. */
  readonly failures: number;
  readonly windowMs: number;
  /** Milliseconds for which it stays open the first time; twice as long each time that a trial fails, up to the longest. */
  readonly openMs: number;
  readonly longestOpenMs: number;
  /** Trial requests at once while it is half open, and successes of theirs that close it. */
  readonly trials: number;
  readonly successes: number;
}

export const breakerDefaults: BreakerOptions = {
  failures: 5,
  windowMs: 10_000,
  openMs: 2_000,
  longestOpenMs: 60_000,
  trials: 1,
  successes: 2,
};

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One request's part in the counting. */
export interface BreakerTicket {
  /** What became of the request. Only the first call counts. */
  report(outcome: 'succeeded' | 'failed' | 'unknown'): void;
}

/**
 * Stops sending to an upstream whose requests fail, and finds out with a few whether they do again.
 *
 * ```
 *              failures ≥ 5 in 10 s, and ≥ half of all
 *     closed ────────────────────────────────────────▶ open ◀───────────┐
 *       ▲                                                │ openMs over   │ one trial failed:
 *       │            2 trials succeeded                  ▼               │ openMs doubles
 *       └──────────────────────────────────────────  half open ─────────┘
 *                                                   (1 trial at once)
 * ```
 *
 * Outcomes of requests that began in an earlier state say nothing about now, and are left out.
 */
export class CircuitBreaker {
  #options: BreakerOptions;
  readonly #now: () => number;
  readonly #onChange: (state: BreakerState) => void;
  #window: FailureWindow;
  /** `half-open` is written when the first trial begins; before, it is read from the clock. */
  #state: BreakerState = 'closed';
  /** Counts states: a ticket belongs to the one in which it was given. */
  #era = 0;
  #openUntil = 0;
  #openMs: number;
  #trialsUnderWay = 0;
  #trialsSucceeded = 0;

  constructor(parts: {
    readonly options: BreakerOptions;
    /** Milliseconds, monotonic. */
    readonly now: () => number;
    readonly onChange?: (state: BreakerState) => void;
  }) {
    this.#options = parts.options;
    this.#now = parts.now;
    this.#onChange = parts.onChange ?? (() => {});
    this.#window = new FailureWindow(parts.options.windowMs);
    this.#openMs = parts.options.openMs;
  }

  /** Other limits from now on; what has been counted with the old ones is forgotten, the state is not. */
  configure(options: BreakerOptions): void {
    if (options.windowMs !== this.#options.windowMs) this.#window = new FailureWindow(options.windowMs);
    this.#options = options;
    this.#openMs = Math.max(options.openMs, Math.min(this.#openMs, options.longestOpenMs));
  }

  get state(): BreakerState {
    return this.#state === 'open' && this.#now() >= this.#openUntil ? 'half-open' : this.#state;
  }

  /** Whether one more request may begin now. */
  get admits(): boolean {
    const { state } = this;
    if (state === 'half-open') return this.#trialsUnderWay < this.#options.trials;
    return state === 'closed';
  }

  /** Milliseconds until it may admit a request; 0 when it does, or when that hangs on a trial under way. */
  get waitMs(): number {
    return this.state === 'open' ? Math.max(0, this.#openUntil - this.#now()) : 0;
  }

  /** Counts a request that begins; ask `admits` before. */
  begin(): BreakerTicket {
    if (this.state === 'half-open' && this.#state === 'open') this.#enter('half-open');
    const era = this.#era;
    const isTrial = this.#state === 'half-open';
    if (isTrial) this.#trialsUnderWay += 1;
    let isReported = false;
    return {
      report: (outcome) => {
        if (isReported) return;
        isReported = true;
        if (era !== this.#era) return;
        if (isTrial) this.#trialReported(outcome);
        else if (outcome !== 'unknown') this.#reported(outcome);
      },
    };
  }

  #reported(outcome: 'succeeded' | 'failed'): void {
    const now = this.#now();
    this.#window.add(outcome, now);
    const { failed, succeeded } = this.#window.counts(now);
    if (failed >= this.#options.failures && failed >= succeeded) this.#open();
  }

  #trialReported(outcome: 'succeeded' | 'failed' | 'unknown'): void {
    this.#trialsUnderWay -= 1;
    if (outcome === 'failed') {
      this.#openMs = Math.min(this.#openMs * 2, this.#options.longestOpenMs);
      this.#open();
    } else if (outcome === 'succeeded') {
      this.#trialsSucceeded += 1;
      if (this.#trialsSucceeded < this.#options.successes) return;
      this.#openMs = this.#options.openMs;
      this.#enter('closed');
    }
  }

  #open(): void {
    this.#openUntil = this.#now() + this.#openMs;
    this.#enter('open');
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#era += 1;
    this.#window.clear();
    this.#trialsUnderWay = 0;
    this.#trialsSucceeded = 0;
    this.#onChange(state);
  }
}
