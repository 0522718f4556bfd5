import type { Logger } from '../../process/logger.ts';
import type { TunnelUse } from './tunnel.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';

/** Writes down what each tunnel was: in the metrics without the player, and in the log under the route's pseudonym. */
export class TunnelUses {
  readonly #parts: { readonly metrics: TunnelMetrics; readonly logger: Logger };

  constructor(parts: { readonly metrics: TunnelMetrics; readonly logger: Logger }) {
    this.#parts = parts;
  }

  add(use: TunnelUse): void {
    const { metrics, logger } = this.#parts;
    metrics.ended(use);
    const { session, ms, ...rest } = use;
    const who = session && { player: session.pseudonym, session: session.session };
    logger.info({ ...rest, ...who, ms: Math.round(ms) }, 'a tunnel has ended');
  }
}
