/** The `http` routes of this process: which one a request is for, and what they share. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import type { Auth } from '../../../auth/index.ts';
import type { Logger } from '../../../process/logger.ts';
import type { Registry } from '../../../process/metrics.ts';
import type { Refusal } from '../../../protocol/refusals.ts';
import type { ClientAddresses } from '../../addresses/client-addresses.ts';
import type { BalancingMetrics } from '../../balancing/balancing-metrics.ts';
import type { AnswerHeaders } from '../../http/answer-headers.ts';
import type { DistrustedConnections } from '../../http/distrusted-connections.ts';
import type { Answered } from '../../http/http-app.ts';
import { pathOf, requestFault } from '../../http/request-faults.ts';
import type { Filters } from '../../policy/filters/filters.ts';
import type { RequestFacts } from '../../policy/policy.ts';
import type { ControlledRoute } from '../route-control.ts';
import { Assertions } from './assertions.ts';
import type { Outdated } from './cache/http-cache.ts';
import { factsOf } from './facts-of.ts';
import type { EarlyRefusal } from './http-route-handler.ts';
import { HttpRouteMetrics } from './http-route-metrics.ts';
import type { HttpRouteSettings } from './http-route-settings.ts';
import { OpenHttpRoute } from './open-http-route.ts';
import { isWithin } from './request-target.ts';
import { entrance } from './sign-in/entrance.ts';
import { Visitors } from './sign-in/visitors.ts';

export interface HttpRoutesOptions {
  readonly auth: Pick<
    Auth,
    | 'assert'
    | 'issueRouteToken'
    | 'onPlayerChanged'
    | 'onSessionEnd'
    | 'pseudonymOf'
    | 'requireLive'
    | 'requireSession'
    | 'verifyAccessToken'
    | 'verifyRouteToken'
  >;
  readonly addresses: Pick<ClientAddresses, 'ofRequest'>;
  readonly headers: AnswerHeaders;
  readonly distrusted: DistrustedConnections;
  /** Told of kept answers that a client may have outdated, for the other processes. */
  readonly onOutdated?: ((answers: Outdated) => void) | undefined;
  /** What the policy says of one more request. */
  readonly refuse: (request: IncomingMessage, facts: RequestFacts) => Refusal | undefined;
  /** Told of every request that was refused here, and of each that was answered. */
  readonly onAnswer: (answer: Answered) => void;
  readonly metrics: Registry;
  readonly balancing: BalancingMetrics;
  /** Milliseconds after which the listener ends a connection on which nothing moves. */
  readonly idleMs: () => number;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Routes as other settings want them, not yet in use. */
export interface PreparedRoutes {
  readonly routes: readonly { readonly route: OpenHttpRoute; readonly settings: HttpRouteSettings }[];
  readonly opened: readonly OpenHttpRoute[];
}

export class HttpRoutes {
  /** The addresses at Castling's own page that sign a browser in at a route. */
  readonly entrance: FastifyPluginAsync;
  readonly #options: HttpRoutesOptions;
  readonly #parts: ConstructorParameters<typeof OpenHttpRoute>[1];
  #routes: readonly OpenHttpRoute[] = [];
  /** No longer in the settings; what was under way there goes on. */
  readonly #retired = new Set<OpenHttpRoute>();
  #isDraining = false;

  constructor(options: HttpRoutesOptions) {
    this.#options = options;
    const { auth, now } = options;
    this.#parts = {
      ...options,
      isDraining: () => this.#isDraining,
      requireLive: (session) => auth.requireLive(session),
      visitors: new Visitors({ auth, now }),
      assertions: new Assertions({ auth, now }),
      metrics: new HttpRouteMetrics(options.metrics, () => this.#routes.map(({ counts }) => counts)),
    };
    auth.onSessionEnd(({ session }) => {
      for (const { handler } of [...this.#routes, ...this.#retired]) handler.endSession(session);
    });
    this.entrance = entrance({
      auth,
      find: (name) => this.#routes.find(({ route }) => route.name === name)?.route,
    });
  }

  /** Opens what other settings need that is not open yet. @throws OperatorError when that cannot be done */
  prepare(settings: readonly HttpRouteSettings[]): PreparedRoutes {
    const opened: OpenHttpRoute[] = [];
    try {
      return {
        opened,
        routes: settings.map((wanted) => {
          const known = this.#routes.find((route) => route.canFollow(wanted));
          if (known !== undefined) return { route: known, settings: wanted };
          const route = new OpenHttpRoute(wanted, this.#parts);
          opened.push(route);
          return { route, settings: wanted };
        }),
      };
    } catch (error) {
      this.abandon({ opened });
      throw error;
    }
  }

  /**
   * Follows the settings from now on. What is under way at a route that has changed goes on to its own end; a route that is
   * gone takes nothing new.
   */
  apply({ routes }: PreparedRoutes): void {
    const before = this.#routes;
    for (const { route, settings } of routes) route.follow(settings);
    this.#routes = routes.map(({ route }) => route);
    for (const route of before) {
      if (this.#routes.includes(route)) continue;
      route.retire();
      this.#retired.add(route);
    }
    for (const route of this.#retired) if (route.isQuiet) this.#retired.delete(route);
  }

  abandon({ opened }: Pick<PreparedRoutes, 'opened'>): void {
    for (const route of opened) route.close();
  }

  /** True when the request is for a route; it is answered then. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const route = this.#match(request);
    if (route === undefined) return false;
    const fault = this.#refusal(request, route);
    if (fault === undefined) void route.serve(request, response);
    else route.handler.refuse(request, response, fault);
    return true;
  }

  /** The same for an upgrade. */
  takeUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const route = this.#match(request);
    if (route === undefined) return false;
    socket.on('error', () => socket.destroy());
    const fault = this.#isDraining
      ? ({ problem: 'unavailable', retryAfterMs: 1_000 } as const)
      : this.#refusal(request, route);
    if (fault === undefined) void route.handler.upgrade(request, socket, head);
    else route.handler.refuseUpgrade(request, socket, fault);
    return true;
  }

  /** Forgets the kept answers of a route whose address below it begins so; `undefined` for a route without a cache, or none. */
  purge(name: string, prefix: string): number | undefined {
    return this.#routes.find(({ route }) => route.name === name)?.purge(prefix);
  }

  /** What another process's client may have changed. */
  forget(answers: Outdated): void {
    this.#routes.find(({ route }) => route.name === answers.route)?.forget(answers);
  }

  /** For operators and metrics. */
  *controlled(): Iterable<ControlledRoute> {
    for (const { route, upstreams } of this.#routes) yield { name: route.name, kind: 'http', upstreams };
  }

  /** Takes no new WebSockets; a request that still comes is answered, and its connection closed. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Ends what these filters refuse: what goes on is asked about once, when it begins. */
  filter(filters: Filters): void {
    for (const { handler } of [...this.#routes, ...this.#retired]) {
      handler.endWhere(({ facts }) => filters.decide(facts).deniedBy !== undefined);
    }
  }

  /** A WebSocket that is passed on cannot move over to another process; its client has to open a new one. */
  endWebSockets(): void {
    for (const { handler } of [...this.#routes, ...this.#retired]) handler.endWebSockets();
  }

  /** Ends what is under way. */
  close(): void {
    for (const route of [...this.#routes, ...this.#retired]) route.close();
  }

  #match({ url = '', headers }: IncomingMessage): OpenHttpRoute | undefined {
    const path = pathOf(url);
    const host = /^(\[[^\]]*\]|[^:]*)/.exec(headers.host ?? '')?.[0].toLowerCase();
    let found: OpenHttpRoute | undefined;
    let length = 0;
    for (const each of this.#routes) {
      const { place } = each.route;
      if (place.kind === 'host') {
        if (place.host === host) return each;
      } else if (isWithin(path, place.path) && place.path.length > length) {
        found = each;
        length = place.path.length;
      }
    }
    return found;
  }

  #refusal(request: IncomingMessage, { route }: OpenHttpRoute): EarlyRefusal | undefined {
    const { addresses, refuse } = this.#options;
    const fault = requestFault(request, 'theirs');
    if (fault !== undefined) return { problem: fault };
    if (addresses.ofRequest(request) === undefined) return { problem: 'request_invalid' };
    const refusal = refuse(request, factsOf(request, route));
    if (refusal === undefined) return undefined;
    const { code, rule, retryAfterMs } = refusal;
    return { problem: code === 'filtered' ? code : 'rate_limited', rule, retryAfterMs };
  }
}
