/** The parts of a process that serves players: makes each once and hands each what it needs. */
import type { IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyPluginAsync } from 'fastify';
import type { Auth } from '../auth/index.ts';
import type { ControlRoutes, ProcessStatus } from '../process/control/index.ts';
import type { Logger } from '../process/logger.ts';
import { Registry } from '../process/metrics.ts';
import { systemTimers } from '../process/timers.ts';
import { noTracer, type Tracer } from '../process/traces/tracer.ts';
import type { Refusal } from '../protocol/refusals.ts';
import { type Settings, slownessDefaults } from '../settings/index.ts';
import { type AddressTrust, ClientAddresses } from './addresses/client-addresses.ts';
import { BalancingMetrics } from './balancing/balancing-metrics.ts';
import { Answers } from './conversation/answers.ts';
import { movePlayersOver } from './conversation/move-players-over.ts';
import type { PlayerSocket } from './conversation/player-socket.ts';
import { Refuser } from './conversation/refuser.ts';
import { requestIds } from './conversation/request-ids.ts';
import { RequestMetrics } from './conversation/request-metrics.ts';
import { Sockets } from './conversation/sockets.ts';
import { DisplayNames } from './feeds/display-names.ts';
import { Feeds } from './feeds/feeds.ts';
import {
  type AnswerHeaders,
  answerHeaders,
  type StrictTransport,
  strictTransport,
} from './http/answer-headers.ts';
import { DistrustedConnections } from './http/distrusted-connections.ts';
import { type Answered, createHttpApp, type HttpApp } from './http/http-app.ts';
import { KeptAnswers } from './kept/kept-answers.ts';
import { LinkedBackends } from './link/linked-backends.ts';
import { Callers } from './listener/callers.ts';
import type { EdgeCertificates } from './listener/certificates/edge-certificates.ts';
import { createListener } from './listener/listener.ts';
import { Liveness } from './listener/liveness.ts';
import { OpenConnections } from './listener/open-connections.ts';
import { usePatience } from './listener/patience.ts';
import { PlayEndpoint } from './listener/play-endpoint.ts';
import { SlowAnswers } from './listener/slow-answers.ts';
import { Upgrades } from './listener/upgrades.ts';
import { askCapture } from './operator/capture.ts';
import { askDecisions } from './operator/why.ts';
import { Pipeline } from './pipeline.ts';
import { RecentDecisions } from './policy/decisions/recent-decisions.ts';
import type { Filters } from './policy/filters/filters.ts';
import { Caller } from './policy/limits/caller.ts';
import type { LimitSettings } from './policy/limits/limit-settings.ts';
import { Policy, type PolicyOptions, type RequestFacts } from './policy/policy.ts';
import { answerCounter, closingCounter, countLinks, countSockets } from './process-metrics.ts';
import type { Outdated } from './routes/http/cache/http-cache.ts';
import { addCacheControl } from './routes/http/cache-control-route.ts';
import { HttpRoutes } from './routes/http/http-routes.ts';
import {
  addRouteControl,
  type ControlledRoute,
  drainOnly,
  type UpstreamName,
} from './routes/route-control.ts';
import { closeSocketsOf } from './session-ends.ts';
import { type TunnelSettings, Tunnels } from './tunnel/tunnels.ts';
import { WaitingBytes } from './waiting-bytes.ts';

export interface ProxyOptions {
  /** How operators know this process. Default `proxy`. */
  readonly name?: string;
  readonly auth: Auth;
  readonly certificates: EdgeCertificates;
  /** How browsers are kept on HTTPS; the default is right for a name that serves nothing else. */
  readonly strictTransport?: StrictTransport;
  /** `HOST:PORT` of backends; one that is alive tells of the others. */
  readonly backends: readonly string[];
  readonly dial: (address: string) => Promise<Duplex>;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Default: none. */
  readonly tracer?: Tracer;
  /** Lets connections in to the server. */
  readonly open: (server: HttpsServer) => Promise<void>;
  /** Keys of session tickets, 48 bytes; of this process alone when left out. */
  readonly ticketKeys?: Buffer;
  /** Who stands in front, if anybody. */
  readonly addressTrust?: AddressTrust;
  /** Origins whose pages may connect, beside those that this proxy serves. */
  readonly origins?: readonly string[];
  readonly policy?: PolicyOptions;
  /** Milliseconds from which on an answer counts as slow. Default 1,000. */
  readonly slowAfterMs?: number;
  readonly slowness?: Slowness;
  readonly tunnels?: TunnelSettings;
  /** Told of kept answers of `http` routes that a client may have outdated, for other processes that keep some. */
  readonly onOutdated?: (answers: Outdated) => void;
  /** The page in the browser. */
  readonly page?: FastifyPluginAsync | undefined;
  /** What operators may ask this process. */
  readonly control?: ControlRoutes;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

export interface DrainOptions {
  /** Others serve in this process's place already, so players need not wait long. */
  readonly replaced?: boolean;
}

/** Pseudonyms are made for the route; there is one now. */
const realm = 'game';
/**
 * Milliseconds of a drain: for connections that came just before it to ask what they came for; from its beginning until every
 * player has been told; for the last ones to go, requests under way included. Together they stay below what a supervisor waits.
 */
const askMs = 1_000;
const tellMs = 5_000;
const farewellMs = 1_500;
/** Milliseconds that a beginning waits for a backend before it lets anybody in. */
const linkMs = 1_000;
/** Milliseconds after which players may come back. Where others serve already, that is soon. */
const comeBackMs = {
  replaced: { least: 50, most: 500 },
  restarting: { least: 200, most: 2_000 },
} as const;

/** How long who is slow or silent is waited for (milliseconds), and how much is kept for them (bytes). */
export type Slowness = Settings['slowness'];

export class ProxyProcess {
  readonly #options: ProxyOptions;
  readonly #backends: LinkedBackends;
  readonly #feeds: Feeds;
  readonly #pipeline: Pipeline;
  readonly #nextRequestId = requestIds();
  readonly #addresses: ClientAddresses;
  readonly #answerHeaders: AnswerHeaders;
  #strictTransport: StrictTransport;
  readonly #metrics: Registry;
  readonly #origins: Set<string>;
  readonly #policy: Policy;
  readonly #decisions: RecentDecisions;
  readonly #refuser: Refuser;
  readonly #callers: Callers;
  readonly #liveness: Liveness;
  readonly #waiting: WaitingBytes;
  #slowness: Slowness;
  readonly #slowAnswers: SlowAnswers;
  readonly #endpoint: PlayEndpoint;
  readonly #tunnels: Tunnels;
  readonly #upgrades: Upgrades;
  readonly #distrusted = new DistrustedConnections();
  readonly #httpRoutes: HttpRoutes;
  #app: HttpApp | undefined;
  #server: HttpsServer | undefined;
  #connections: OpenConnections | undefined;
  #phase: 'new' | 'listening' | 'draining' = 'new';

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#origins = new Set(options.origins);
    this.#metrics = options.metrics ?? new Registry();
    const metrics = this.#metrics;
    const { auth, dial, logger, now = Date.now } = options;
    this.#addresses = new ClientAddresses(options.addressTrust);
    this.#strictTransport = options.strictTransport ?? strictTransport;
    this.#answerHeaders = answerHeaders(options.certificates, () => this.#strictTransport);
    this.#backends = new LinkedBackends({ addresses: options.backends, dial, logger });
    const names = new DisplayNames({
      nameOf: (pseudonym) => auth.shownAs(pseudonym, realm),
      onFailure: (error) => logger.error({ err: error }, 'a name could not be looked up'),
    });
    this.#feeds = new Feeds({ backends: this.#backends, names, logger });
    const nextRequestId = this.#nextRequestId;
    this.#decisions = new RecentDecisions(now);
    this.#policy = new Policy({ metrics, ...options.policy });
    this.#refuser = new Refuser({
      policy: this.#policy,
      decisions: this.#decisions,
      requests: new RequestMetrics(metrics),
      nextRequestId,
      logger,
      slowAfterMs: options.slowAfterMs ?? 1_000,
    });
    const refuser = this.#refuser;
    const kept = new KeptAnswers({ backends: this.#backends, feeds: this.#feeds, metrics });
    const answers = new Answers({ feeds: this.#feeds, names, logger, nextRequestId, refuser, kept });
    const sockets = new Sockets<PlayerSocket>();
    countSockets(sockets, metrics);
    countLinks(this.#backends, metrics);
    const slowness = options.slowness ?? slownessDefaults;
    this.#slowness = slowness;
    this.#liveness = new Liveness({ pingMs: slowness.pingAfter, silenceMs: slowness.silence });
    this.#waiting = new WaitingBytes({ ...slowness, sockets, metrics });
    this.#slowAnswers = new SlowAnswers({ ...slowness, metrics });
    const closed = closingCounter(metrics);
    auth.onSessionEnd((end) => {
      logger.info({ session: end.session, because: end.because }, 'a session has ended');
      closeSocketsOf(end, sockets);
      closeSocketsOf(end, this.#tunnels.sockets);
    });
    auth.onPlayerChanged((player) => {
      auth.pseudonymOf(player, realm).then(
        (pseudonym) => {
          names.forget(pseudonym);
          this.#feeds.renamed(pseudonym);
        },
        (error: unknown) => logger.error({ err: error }, 'a changed name could not be taken up'),
      );
    });
    this.#callers = new Callers({
      addresses: this.#addresses,
      connect: (address) => this.#connect(address),
    });
    this.#pipeline = new Pipeline({
      verifier: auth,
      policy: this.#policy,
      backends: this.#backends,
      feeds: this.#feeds,
      answers,
      sockets,
      realm,
      logger,
      tracer: options.tracer ?? noTracer,
      mostWaiting: () => this.#waiting.most,
      signInMs: () => this.#slowness.signIn,
      onClosing: (code) => closed.inc({ code }),
      now,
    });
    this.#endpoint = new PlayEndpoint({
      pipeline: this.#pipeline,
      liveness: this.#liveness,
      answerHeaders: this.#answerHeaders,
      logger,
      onBreach: (code) => closed.inc({ code }),
    });
    const balancing = new BalancingMetrics(metrics, () => this.#controlledRoutes());
    this.#tunnels = new Tunnels({
      auth,
      metrics,
      balancing,
      policy: this.#policy,
      liveness: this.#liveness,
      answerHeaders: this.#answerHeaders,
      logger,
      nextRequestId,
      now,
    });
    if (options.tunnels !== undefined) this.#tunnels.apply(options.tunnels);
    this.#httpRoutes = new HttpRoutes({
      auth,
      addresses: this.#addresses,
      headers: this.#answerHeaders,
      distrusted: this.#distrusted,
      refuse: (request, facts) => this.#refuse(request, facts),
      onAnswer: (answer) => this.#noteAnswer(answer),
      idleMs: () => this.#slowness.idle,
      onOutdated: options.onOutdated,
      metrics,
      balancing,
      logger,
      nextRequestId,
      now,
    });
    this.#upgrades = new Upgrades({
      endpoints: [this.#endpoint, this.#tunnels.endpoint],
      policy: this.#policy,
      callers: this.#callers,
      addresses: this.#addresses,
      answerHeaders: this.#answerHeaders,
      origins: this.#origins,
      logger,
      nextRequestId,
      decisions: this.#decisions,
    });
    options.control?.add('GET /status', () => this.#status());
    options.control?.add('POST /capture', (request) => askCapture(this.#policy, request));
    options.control?.add('GET /decisions', (request) => askDecisions(this.#decisions, request));
    options.control?.add('GET /metrics', () => metrics.getMetricsAsJSON());
    if (options.control !== undefined) {
      addRouteControl(options.control, () => this.#controlledRoutes());
      addCacheControl(options.control, this.#httpRoutes);
    }
  }

  /** The `http` routes, for whoever knows the settings. */
  get httpRoutes(): HttpRoutes {
    return this.#httpRoutes;
  }

  /** Begins to serve. @throws OperatorError `port_taken`, … naming the flag that moves the port. */
  async start(): Promise<void> {
    const { auth, certificates, ticketKeys, logger, page, open } = this.#options;
    const nextRequestId = this.#nextRequestId;
    const addresses = this.#addresses;
    const answerHeaders = this.#answerHeaders;
    const countAnswer = answerCounter(this.#metrics);
    this.#app = await createHttpApp({
      auth,
      backends: this.#backends,
      logger,
      nextRequestId,
      addresses,
      answerHeaders,
      onAnswer: (answer) => {
        countAnswer(answer);
        this.#noteAnswer(answer);
      },
      refuse: (request, facts) => this.#refuse(request, facts),
      isDraining: () => this.#phase === 'draining',
      page,
      plugins: [this.#tunnels.info, this.#httpRoutes.entrance],
      distrusted: this.#distrusted,
      serverFor: (onRequest) => {
        this.#server = createListener({
          certificates,
          answerHeaders,
          ...(ticketKeys && { ticketKeys }),
          logger,
          nextRequestId,
          addresses,
          metrics: this.#metrics,
          callers: this.#callers,
          patience: () => this.#slowness,
          onRequest: (request, response) => {
            if (this.#distrusted.has(request.socket)) return;
            if (this.#httpRoutes.take(request, response)) return;
            if (request.headers.expect !== undefined) response.writeContinue();
            onRequest(request, response);
          },
          onUpgrade: (request, socket, head) => {
            if (this.#distrusted.has(socket)) return;
            if (this.#httpRoutes.takeUpgrade(request, socket, head)) return;
            this.#upgrades.take({ request, socket, head });
          },
        });
        this.#slowAnswers.watch(this.#server);
        return this.#server;
      },
    });
    if (this.#server === undefined) throw new Error('the HTTP app has made no server');
    this.#connections = new OpenConnections(this.#server, systemTimers);
    this.#backends.start();
    // Others may serve in this process’s place until then; without a backend, accounts and pages are still served.
    await this.#backends.whenUp(linkMs);
    await open(this.#server);
    this.#phase = 'listening';
  }

  /** Origins whose pages may connect beside those that this proxy serves, from now on. Sockets that are open stay. */
  allowOrigins(origins: readonly string[]): void {
    this.#origins.clear();
    for (const origin of origins) this.#origins.add(origin);
  }

  /** Other `tcp` routes from now on: new ones open, those that are gone let nobody in and drain. */
  routeTunnels(settings: TunnelSettings): void {
    this.#tunnels.apply(settings);
  }

  /** Nothing new goes to these from now on, and to all others it does. */
  drainUpstreams(drained: readonly UpstreamName[]): void {
    drainOnly(drained, this.#controlledRoutes());
  }

  /** Who is believed to speak for others, from now on. @throws RangeError for a range that is none. */
  trust(trust: AddressTrust): void {
    this.#addresses.trust(trust);
  }

  /** How browsers are kept on HTTPS, from the next answer on. */
  keepOnHttps(strict: StrictTransport): void {
    this.#strictTransport = strict;
  }

  /** How much anybody may ask, from now on; what has been spent stays spent. */
  limit(limits: LimitSettings): void {
    this.#policy.useLimits(limits);
  }

  /** How long who is slow or silent is waited for, from now on, and how much is kept for them. */
  bear(slowness: Slowness): void {
    this.#slowness = slowness;
    if (this.#server !== undefined) usePatience(this.#server, slowness);
    this.#liveness.change({ pingMs: slowness.pingAfter, silenceMs: slowness.silence });
    this.#waiting.change(slowness);
    this.#slowAnswers.change(slowness);
  }

  /** From so many milliseconds on an answer counts as slow. */
  callSlow(afterMs: number): void {
    this.#refuser.slowAfterMs = afterMs;
  }

  /** What may come in, from now on, through sockets that are open too. */
  filter(filters: Filters): void {
    this.#policy.useFilters(filters);
    this.#tunnels.filter(filters);
    this.#httpRoutes.filter(filters);
  }

  /**
   * 1. readiness goes false, and no new connection is accepted; 2. those that came before are served as ever, a handshake or a first
   * request that is on its way included; 3. every player is told to come back and when, some at a time, after the requests under
   * way are answered; 4. the link, the accounts and the ports close.
   */
  async drain({ replaced = false }: DrainOptions = {}): Promise<void> {
    const beganAt = performance.now();
    this.#phase = 'draining';
    const server = this.#server;
    // Not its own `close`, which cuts idle connections at once: a request may be on its way on them.
    if (server?.listening) NetServer.prototype.close.call(server);
    await this.#connections?.untilAllHaveAsked(askMs);
    this.#endpoint.drain();
    this.#tunnels.drain();
    this.#httpRoutes.drain();
    await movePlayersOver(this.#pipeline.sockets, {
      withinMs: tellMs - (performance.now() - beganAt),
      comeBackMs: replaced ? comeBackMs.replaced : comeBackMs.restarting,
      timers: systemTimers,
    });
    this.#tunnels.close();
    this.#httpRoutes.endWebSockets();
    server?.closeIdleConnections();
    this.#connections?.closeSilent();
    await this.#connections?.untilNone(tellMs + farewellMs - (performance.now() - beganAt));
    this.#httpRoutes.close();
    this.#liveness.stop();
    this.#waiting.stop();
    this.#slowAnswers.stop();
    await this.#tunnels.settle();
    this.#feeds.close();
    this.#backends.close();
    await this.#app?.close();
    server?.closeAllConnections();
    await this.#options.auth.close();
  }

  /** From now on tickets are made with these keys, 48 bytes, and those of others are not accepted. */
  setTicketKeys(keys: Buffer): void {
    this.#server?.setTicketKeys(keys);
  }

  #connect(address: string): Caller | Refusal {
    const requestId = this.#nextRequestId();
    const caller = this.#policy.connect(address, requestId);
    if (!(caller instanceof Caller)) {
      const { code, reason, rule, retryAfterMs } = caller;
      const decision = { requestId, stage: 'connection', outcome: 'refused' } as const;
      this.#decisions.note({ ...decision, code, reason, rule, retryAfterMs, address });
    }
    return caller;
  }

  #noteAnswer({ status, problem, requestId, route, kind, tookMs }: Answered): void {
    const isSlow = tookMs >= this.#refuser.slowAfterMs;
    if (status < 400 && !isSlow) return;
    const outcome = status < 400 ? 'slow' : 'refused';
    this.#decisions.note({ requestId, stage: 'request', outcome, route, kind, tookMs, ...problem });
  }

  async #status(): Promise<ProcessStatus> {
    return {
      process: this.#options.name ?? 'proxy',
      pid: process.pid,
      seconds: process.uptime(),
      reasons: await this.obstacles(),
      sockets: this.#pipeline.sockets.size,
    };
  }

  /** What the policy says of one more request. */
  #refuse(request: IncomingMessage, facts: RequestFacts): Refusal | undefined {
    const caller = this.#callers.ofRequest(request);
    return caller instanceof Caller ? this.#policy.request(caller, facts) : caller;
  }

  *#controlledRoutes(): Iterable<ControlledRoute> {
    yield* this.#tunnels.controlled();
    yield* this.#httpRoutes.controlled();
  }

  /** Why a player could not play now; empty when one could. */
  async obstacles(): Promise<string[]> {
    const reasons: string[] = [];
    if (this.#phase === 'new') reasons.push('the proxy is starting');
    if (this.#phase === 'draining') reasons.push('the proxy is draining');
    if (this.#backends.state !== 'up') reasons.push('the game backend cannot be reached');
    if (!(await this.#options.auth.healthy())) reasons.push('the accounts cannot be read');
    return reasons;
  }
}
