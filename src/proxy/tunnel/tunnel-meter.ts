import type { RouteUse } from '../../auth/index.ts';
import type { PlayerId } from '../../protocol/ids.ts';

export interface TunnelMeterOptions {
  readonly player: PlayerId;
  readonly route: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Counts what goes through one tunnel from its connection on; each byte and millisecond is taken once. */
export class TunnelMeter {
  readonly player: PlayerId;
  readonly route: string;
  /** All from the player, and all back. */
  bytesUp = 0;
  bytesDown = 0;
  readonly #now: () => number;
  #taken: { readonly bytesUp: number; readonly bytesDown: number; readonly at: number };
  #connections = 1;

  constructor({ player, route, now }: TunnelMeterOptions) {
    this.player = player;
    this.route = route;
    this.#now = now;
    this.#taken = { bytesUp: 0, bytesDown: 0, at: now() };
  }

  /** What has come since this was last asked. */
  take(): RouteUse {
    const { player, route, bytesUp, bytesDown } = this;
    const before = this.#taken;
    const at = this.#now();
    const connections = this.#connections;
    this.#taken = { bytesUp, bytesDown, at };
    this.#connections = 0;
    return {
      player,
      route,
      connections,
      bytesUp: bytesUp - before.bytesUp,
      bytesDown: bytesDown - before.bytesDown,
      ms: at - before.at,
    };
  }
}
