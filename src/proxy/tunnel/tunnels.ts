/** Everything about tunnels in one proxy process: the `tcp` routes, where players come in, and what is open. */
import { randomInt } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import type { Auth } from '../../auth/index.ts';
import type { Logger } from '../../process/logger.ts';
import type { Registry } from '../../process/metrics.ts';
import type { BalancingMetrics } from '../balancing/balancing-metrics.ts';
import { Sockets } from '../conversation/sockets.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import type { Liveness } from '../listener/liveness.ts';
import type { UpgradeEndpoint } from '../listener/upgrades.ts';
import type { Filters } from '../policy/filters/filters.ts';
import type { Policy } from '../policy/policy.ts';
import type { ControlledRoute } from '../routes/route-control.ts';
import type { TcpRouteSettings } from '../routes/route-settings.ts';
import { TcpRoutes } from './tcp-routes.ts';
import type { Tunnel } from './tunnel.ts';
import { TunnelAccounts } from './tunnel-accounts.ts';
import { TunnelEndpoint } from './tunnel-endpoint.ts';
import { tunnelInfo } from './tunnel-info.ts';
import { TunnelMetrics } from './tunnel-metrics.ts';
import { TunnelUses } from './tunnel-uses.ts';

export interface TunnelsOptions {
  readonly auth: Pick<
    Auth,
    'verifyAccessToken' | 'requireSession' | 'requireLive' | 'pseudonymOf' | 'recordRouteUses'
  >;
  readonly metrics: Registry;
  readonly balancing: BalancingMetrics;
  readonly policy: Policy;
  readonly liveness: Liveness;
  readonly answerHeaders: AnswerHeaders;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface TunnelSettings {
  readonly routes: readonly TcpRouteSettings[];
  /** Names or ids of the accounts that count as operators. */
  readonly operators: readonly string[];
}

export class Tunnels {
  /** For whoever ends sessions: a session governs what it has opened. */
  readonly sockets = new Sockets<Tunnel>();
  /** What answers `GET /tunnel/NAME`. */
  readonly info: FastifyPluginAsync;
  readonly #routes: TcpRoutes;
  readonly #endpoint: TunnelEndpoint;
  readonly #accounts: TunnelAccounts;

  constructor(options: TunnelsOptions) {
    const { auth, metrics, balancing, policy, liveness, answerHeaders, logger, nextRequestId, now } = options;
    this.#routes = new TcpRoutes({ metrics: balancing, logger });
    const counts = new TunnelMetrics(metrics, { routes: () => this.#routes, accounts: () => this.#accounts });
    const uses = new TunnelUses({ metrics: counts, logger });
    this.#accounts = new TunnelAccounts({
      record: async (uses) => await auth.recordRouteUses(uses),
      onLost: (uses) => counts.lost(uses),
      logger,
    });
    this.info = tunnelInfo({ routes: this.#routes, auth });
    this.#endpoint = new TunnelEndpoint({
      find: (name) => this.#routes.find(name),
      sockets: this.sockets,
      verifier: auth,
      accounts: this.#accounts,
      onEnd: (use) => uses.add(use),
      policy,
      liveness,
      answerHeaders,
      logger,
      nextRequestId,
      now,
    });
  }

  get endpoint(): UpgradeEndpoint {
    return this.#endpoint;
  }

  /** For operators and metrics. */
  *controlled(): Iterable<ControlledRoute> {
    for (const { name, pool } of this.#routes) yield { name, kind: 'tcp', upstreams: pool.upstreams };
  }

  apply({ routes, operators }: TunnelSettings): void {
    this.#routes.apply(routes, new Set(operators));
  }

  /** Closes those that the filters now refuse: their bytes are no messages, which would be asked about one by one. */
  filter(filters: Filters): void {
    for (const tunnel of [...this.sockets]) tunnel.judge(filters);
  }

  /** Lets nobody in any more. */
  drain(): void {
    this.#endpoint.drain();
  }

  /** Ends what is still open: a TCP connection cannot move over to another process. Spread out, so that not all come back at once. */
  close(): void {
    for (const tunnel of [...this.sockets]) {
      tunnel.close('restarting', { retryAfterMs: randomInt(200, 2_000) });
    }
    this.#routes.close();
  }

  /** Writes down what is left to be written; to be awaited after `close`, while the accounts are open. */
  async settle(): Promise<void> {
    await this.#accounts.close();
  }
}
