import { systemTimers, type Timers } from '../../process/timers.ts';

/** Asks an upstream once whether it is well. Rejects with the reason when it is not; must heed the signal. */
export type Probe = (signal: AbortSignal) => Promise<void>;

export interface ProberOptions {
  readonly probe: Probe;
  readonly onVerdict: (verdict: 'up' | 'down', reason?: string) => void;
  /** Milliseconds from the end of a probe to the next one; varied by a tenth, so that probes of many do not fall together. */
  readonly everyMs?: number;
  /** Milliseconds for one probe. */
  readonly timeoutMs?: number;
  /** Probes in a row that must say so before a verdict changes. */
  readonly rise?: number;
  readonly fall?: number;
  readonly timers?: Timers;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

const proberDefaults = { everyMs: 5_000, timeoutMs: 2_000, rise: 2, fall: 3 } as const;

/** Probes one upstream for as long as it runs. The first probe is at once, and its outcome decides alone. */
export class Prober {
  readonly #options: Required<ProberOptions>;
  #verdict: 'unknown' | 'up' | 'down' = 'unknown';
  /** Probes in a row that contradict the verdict. */
  #against = 0;
  #isStopped = false;
  #cancel = () => {};
  #underWay = new AbortController();

  constructor(options: ProberOptions) {
    this.#options = { ...proberDefaults, timers: systemTimers, random: Math.random, ...options };
  }

  start(): void {
    void this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#underWay.abort(new Error('probing has stopped'));
  }

  async #round(): Promise<void> {
    const { probe, timers, timeoutMs, everyMs, random } = this.#options;
    this.#underWay = new AbortController();
    const { signal } = this.#underWay;
    const cancelDeadline = timers.after(timeoutMs, () =>
      this.#underWay.abort(new Error(`no answer in ${timeoutMs} ms`)),
    );
    let reason: string | undefined;
    try {
      // A probe that does not heed the signal must not hold up the next one.
      await Promise.race([probe(signal), aborted(signal)]);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    cancelDeadline();
    if (this.#isStopped) return;
    this.#heard(reason === undefined ? 'up' : 'down', reason);
    this.#cancel = timers.after(everyMs * (0.9 + 0.2 * random()), () => void this.#round());
  }

  #heard(outcome: 'up' | 'down', reason: string | undefined): void {
    if (outcome === this.#verdict) {
      this.#against = 0;
      return;
    }
    this.#against += 1;
    const needed =
      this.#verdict === 'unknown' ? 1 : outcome === 'up' ? this.#options.rise : this.#options.fall;
    if (this.#against < needed) return;
    this.#verdict = outcome;
    this.#against = 0;
    this.#options.onVerdict(outcome, reason);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
