import type { Timers } from '../../process/timers.ts';

export interface LifeLimitsOptions {
  /** Read at each look, since settings change: milliseconds without a byte, and of the whole life. */
  readonly limits: () => { readonly idleMs: number; readonly totalMs: number };
  readonly timers: Timers;
  readonly onOver: (why: 'tunnel_idle' | 'tunnel_too_long') => void;
}

/** Ends a tunnel that has lain idle, or lived, for too long. One timer, which is not touched by the bytes that pass. */
export class LifeLimits {
  readonly #options: LifeLimitsOptions;
  readonly #startedAt: number;
  #movedAt: number;
  #cancel = () => {};

  constructor(options: LifeLimitsOptions) {
    this.#options = options;
    this.#startedAt = options.timers.now();
    this.#movedAt = this.#startedAt;
    this.#look();
  }

  moved(): void {
    this.#movedAt = this.#options.timers.now();
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const { limits, timers, onOver } = this.#options;
    const { idleMs, totalMs } = limits();
    const now = timers.now();
    const idleLeft = this.#movedAt + idleMs - now;
    const totalLeft = this.#startedAt + totalMs - now;
    if (totalLeft <= 0) onOver('tunnel_too_long');
    else if (idleLeft <= 0) onOver('tunnel_idle');
    else this.#cancel = timers.after(Math.min(idleLeft, totalLeft, mostWaitMs), () => this.#look());
  }
}

/** Milliseconds after which a limit that settings have lowered counts at the latest. */
const mostWaitMs = 60_000;
