import type { RouteUse } from '../../auth/index.ts';
import type { Logger } from '../../process/logger.ts';
import { backgroundTimers, type Timers } from '../../process/timers.ts';
import type { PlayerId } from '../../protocol/ids.ts';
import { TunnelMeter } from './tunnel-meter.ts';

export interface TunnelAccountsOptions {
  /** Keeps uses; what it refuses is tried again. */
  readonly record: (uses: readonly RouteUse[]) => Promise<void>;
  readonly logger: Logger;
  /** Uses that could not be kept for so long that they were dropped, in players and routes. */
  readonly onLost: (uses: number) => void;
  readonly timers?: Timers;
}

/** Milliseconds between two entries: what a process that is killed has not written down is less than this. */
const everyMs = 10_000;
/** Players and routes that may wait for a store that fails. */
const mostWaiting = 10_000;

/** Keeps the account of each player: what went through tunnels is added up, and written down every ten seconds. */
export class TunnelAccounts {
  readonly #options: TunnelAccountsOptions;
  readonly #timers: Timers;
  readonly #open = new Set<TunnelMeter>();
  #waiting = new Map<string, RouteUse>();
  #writing: Promise<void> = Promise.resolve();
  #busiest: ReadonlyMap<string, number> = new Map();
  #cancel: () => void;
  #isFailing = false;

  constructor(options: TunnelAccountsOptions) {
    this.#options = options;
    this.#timers = options.timers ?? backgroundTimers;
    this.#cancel = this.#schedule();
  }

  /** A tunnel begins to carry bytes. */
  begin(who: { readonly player: PlayerId; readonly route: string }): TunnelMeter {
    const meter = new TunnelMeter({ ...who, now: () => this.#timers.now() });
    this.#open.add(meter);
    return meter;
  }

  end(meter: TunnelMeter): void {
    if (this.#open.delete(meter)) this.#add(meter.take());
  }

  /** Players who have tunnels open on a route now. */
  players(route: string): number {
    return new Set([...this.#open].flatMap((meter) => (meter.route === route ? [meter.player] : []))).size;
  }

  /** Bytes of the player who moved most on a route in the last ten seconds that were entered. */
  busiest(route: string): number {
    return this.#busiest.get(route) ?? 0;
  }

  /** Writes down what has come so far; resolves when that is tried. */
  async write(): Promise<void> {
    for (const meter of this.#open) this.#add(meter.take());
    const uses = this.#waiting;
    this.#waiting = new Map();
    this.#busiest = busiestOf(uses.values());
    this.#writing = this.#writing.then(async () => await this.#record(uses));
    await this.#writing;
  }

  /** The last entry. */
  async close(): Promise<void> {
    this.#cancel();
    await this.write();
  }

  async #record(uses: ReadonlyMap<string, RouteUse>): Promise<void> {
    if (uses.size === 0) return;
    const { record, logger } = this.#options;
    try {
      await record([...uses.values()]);
      if (this.#isFailing) logger.info('what players use of routes can be written down again');
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.error({ err: error }, 'what players use of routes cannot be written down');
      this.#isFailing = true;
      for (const use of uses.values()) this.#add(use);
    }
  }

  #add(use: RouteUse): void {
    const key = `${use.player} ${use.route}`;
    const before = this.#waiting.get(key);
    if (before === undefined && this.#waiting.size >= mostWaiting) this.#options.onLost(1);
    else this.#waiting.set(key, before === undefined ? use : sum(before, use));
  }

  #schedule(): () => void {
    return this.#timers.after(everyMs, () => {
      this.#cancel = this.#schedule();
      void this.write();
    });
  }
}

function sum(one: RouteUse, other: RouteUse): RouteUse {
  return {
    ...one,
    connections: one.connections + other.connections,
    bytesUp: one.bytesUp + other.bytesUp,
    bytesDown: one.bytesDown + other.bytesDown,
    ms: one.ms + other.ms,
  };
}

function busiestOf(uses: Iterable<RouteUse>): Map<string, number> {
  const most = new Map<string, number>();
  for (const { route, bytesUp, bytesDown } of uses) {
    most.set(route, Math.max(most.get(route) ?? 0, bytesUp + bytesDown));
  }
  return most;
}
