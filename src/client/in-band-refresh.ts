import { limits } from '../protocol/limits.ts';
import type { SessionInfo } from '../protocol/player-messages.ts';
import { tokenMarginMs } from './access-token.ts';
import type { Timers } from './timers.ts';

/** Milliseconds before another try when a refresh failed while the socket still stands. */
const retryMs = 5_000;

/**
 * Keeps one socket's session alive: refreshes some time before the end by this machine's clock, or when the server says
 * that the end is near, whichever comes first.
 */
export class InBandRefresh {
  readonly #timers: Timers;
  readonly #refresh: () => Promise<Pick<SessionInfo, 'expiresAt'>>;
  readonly #isFinal: (error: unknown) => boolean;
  #cancel = () => {};
  #running = false;
  #stopped = false;

  constructor(options: {
    readonly timers: Timers;
    /** Gets another token and shows it to the server. */
    readonly refresh: () => Promise<Pick<SessionInfo, 'expiresAt'>>;
    /** Told of every failure; true when another try is pointless. */
    readonly isFinal: (error: unknown) => boolean;
  }) {
    this.#timers = options.timers;
    this.#refresh = options.refresh;
    this.#isFinal = options.isFinal;
  }

  /** @param expiresAt Unix seconds by the server's clock */
  schedule(expiresAt: number): void {
    const life = expiresAt * 1000 - this.#timers.now();
    const wait = life - limits.expiringNoticeMs - tokenMarginMs;
    this.#cancel();
    // So little life in a new token means that this clock is fast: it would refresh again and again. The server's
    // notice needs no clock.
    if (wait < limits.expiringNoticeMs) return;
    this.#cancel = this.#timers.after(wait, () => void this.now());
  }

  async now(): Promise<void> {
    this.#cancel();
    if (this.#running || this.#stopped) return;
    this.#running = true;
    try {
      const { expiresAt } = await this.#refresh();
      if (!this.#stopped) this.schedule(expiresAt);
    } catch (error) {
      if (!this.#stopped && !this.#isFinal(error)) {
        this.#cancel = this.#timers.after(retryMs, () => void this.now());
      }
    } finally {
      this.#running = false;
    }
  }

  /** The socket is gone. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}
