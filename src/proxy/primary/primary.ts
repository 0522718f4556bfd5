/**
 * The composition root of the primary: the process that holds the address, the admin port, the control socket and the ticket keys
 * while workers come and go. It opens no store, and of what players send it reads requests in the clear alone, to send them on to
 * HTTPS.
 */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  type ControlRequest,
  type ControlResponder,
  type ControlRoutes,
  ControlServer,
  controlPath,
  mergeAnswers,
  type ProcessStatus,
} from '../../process/control/index.ts';
import type { Logger } from '../../process/logger.ts';
import { Gauge, type Registry } from '../../process/metrics.ts';
import { systemTimers } from '../../process/timers.ts';
import type { Settings, SettingsSource } from '../../settings/index.ts';
import { createAdminServer } from '../admin.ts';
import { listen } from '../listener/listen.ts';
import { openPlainHttp, type PlainHttp } from '../plain-http/open-plain-http.ts';
import { drainRoutes, type UpstreamName } from '../routes/route-control.ts';
import { upstreamId } from '../routes/route-settings.ts';
import type { Accepting } from '../worker/worker-messages.ts';
import { DrainedUpstreams } from './drained-upstreams.ts';
import { type FrontDoor, openFrontDoor, usualAccepting } from './front-door.ts';
import { mergeMetrics, type ProcessMetrics } from './merge-metrics.ts';
import { askBackends } from './neighbours.ts';
import { TicketKeys } from './ticket-keys.ts';
import { type WorkerEvent, WorkerPool } from './worker-pool.ts';
import { startWorker, type Worker } from './worker-process.ts';
import { WorkerSettings } from './worker-settings.ts';

export interface PrimaryOptions {
  readonly settings: SettingsSource;
  /** For `/config`: what the settings are, secrets hidden. */
  readonly shownSettings?: () => object;
  /** What operators may ask this process; what they may ask the workers is added. */
  readonly control: ControlRoutes;
  /** Of this process; those of the workers are shown with them. */
  readonly metrics: Registry;
  readonly logger: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** How workers come by connections; what this machine can do best when left out. */
  readonly accepting?: Accepting;
}

const adminHost = '127.0.0.1';
/** Milliseconds for a worker to say how it is. */
const answerWithinMs = 2_000;

export class Primary {
  readonly #options: PrimaryOptions;
  readonly #pool: WorkerPool;
  readonly #keys: TicketKeys;
  readonly #settings: WorkerSettings;
  readonly #routes: ControlRoutes;
  readonly #control: ControlServer;
  readonly #admin: Server;
  /** All that live: those that begin and those that drain, too. */
  readonly #workers = new Set<Worker>();
  #drained: DrainedUpstreams | undefined;
  #door: FrontDoor | undefined;
  #plainHttp: PlainHttp | undefined;
  #isDraining = false;
  #turn = 0;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    const { settings, control, metrics, logger, random, shownSettings } = options;
    this.#pool = new WorkerPool({
      start: (number) => this.#startWorker(number),
      isReady: async (worker) => (await this.#statusOf(worker))?.reasons.length === 0,
      timers: systemTimers,
      random,
      onEvent: (event) => report(logger, event),
    });
    this.#settings = new WorkerSettings({ source: settings, serving: () => this.#up, logger });
    settings.subscribe(({ proxy }) => proxy.workers, {
      apply: (workers) => this.#pool.resize(numberOf(workers)),
    });
    this.#keys = new TicketKeys({
      everyMs: settings.current.proxy.ticketKeyLifetime,
      onRotation: (keys) => {
        for (const worker of this.#workers) worker.ticketKeys(keys);
        logger.info('the keys of session tickets have been changed');
      },
    });
    settings.subscribe(({ proxy }) => proxy.ticketKeyLifetime, {
      apply: (everyMs) => this.#keys.changeEvery(everyMs),
    });
    countWorkers(this.#pool, metrics);
    this.#routes = control;
    this.#routes.add('GET /status', () => this.#status());
    this.#routes.add('GET /metrics', () => metrics.getMetricsAsJSON());
    this.#routes.add('POST /reload', () => this.#reload());
    this.#control = new ControlServer({ find: (route) => this.#find(route), logger });
    this.#admin = createAdminServer({
      obstacles: () => this.#obstacles(),
      metrics: () => this.#gatherMetrics(),
      shownSettings,
    });
  }

  /** The port that players reach, and the operator's; after `start`. */
  get ports(): { readonly port: number; readonly adminPort: number } {
    const adminPort = (this.#admin.address() as AddressInfo | null)?.port ?? 0;
    return { port: this.#door?.port ?? 0, adminPort };
  }

  /**
   * Resolves when the first worker takes connections.
   *
   * @throws OperatorError `port_taken`, …; NoWorkerBegan
   */
  async start(): Promise<void> {
    const { settings, logger, metrics, accepting = usualAccepting } = this.#options;
    const { data, proxy } = settings.current;
    const { host, port, adminPort } = proxy;
    this.#drained = await DrainedUpstreams.load({
      path: join(data, 'drained-upstreams.json'),
      logger,
      onChange: (drained) => {
        for (const worker of this.#workers) worker.drainUpstreams(drained);
      },
    });
    await this.#drained.keepOnly(listedIn(settings.current.routes));
    settings.subscribe(({ routes }) => routes, {
      apply: (routes) => void this.#drained?.keepOnly(listedIn(routes)),
    });
    await listen(this.#admin, { host: adminHost, port: adminPort, flag: '--admin-port' });
    this.#door = await openFrontDoor({
      host,
      port,
      accepting,
      logger,
      hand: (socket) => this.#hand(socket),
    });
    this.#plainHttp = await openPlainHttp(settings.current, { logger, metrics });
    await this.#pool.start(numberOf(settings.current.proxy.workers));
    await this.#control.listen(controlPath(data));
    logger.info({ host, ...this.ports, workers: proxy.workers }, 'the proxy is listening');
  }

  /** Replaces every worker, for whoever cannot ask by the control socket; the log tells how it went. */
  async reload(): Promise<void> {
    try {
      for await (const _ of this.#reload());
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the workers were not all replaced');
    }
  }

  /** Has the workers look for new certificates now. */
  readFiles(): void {
    for (const worker of this.#pool.serving) worker.readFiles();
  }

  /** No new connections; every worker drains; then the rest closes. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#keys.stop();
    this.#door?.close();
    this.#plainHttp?.close();
    await this.#pool.drain();
    await this.#control.close();
    this.#admin.close();
    this.#admin.closeAllConnections();
  }

  /** Ends the workers at once. */
  kill(): void {
    this.#pool.kill();
  }

  #startWorker(worker: number): Worker {
    const { settings } = this.#options;
    if (this.#door === undefined) throw new Error('A worker needs an open door.');
    const { port, accepting, descriptor } = this.#door;
    const ticketKeys = this.#keys.current.toString('base64');
    const drained = this.#drained?.all ?? [];
    const begin = { worker, settings: settings.current, port, accepting, ticketKeys, drained } as const;
    const started = startWorker({ type: 'begin', ...begin }, descriptor);
    this.#workers.add(started);
    started.onOutdated((answers) => {
      for (const other of this.#workers) if (other !== started) other.outdated(answers);
    });
    void started.over.then(() => this.#workers.delete(started));
    void started.up.then(() => this.#settings.catchUp(started));
    return started;
  }

  /** Those that take connections, one that is about to replace another included. */
  get #up(): Worker[] {
    return [...this.#workers].filter(({ isServing }) => isServing);
  }

  /** To the workers in turn. */
  #hand(socket: Socket): void {
    const { serving } = this.#pool;
    this.#turn += 1;
    const worker = serving[this.#turn % serving.length];
    if (worker === undefined) socket.destroy();
    else worker.give(socket);
  }

  async *#reload(): AsyncGenerator<object, void, undefined> {
    const { logger } = this.#options;
    for await (const replacement of this.#pool.replace()) {
      const { worker, pid, replaced } = replacement;
      logger.info({ worker, workerPid: pid, replacedPid: replaced }, 'a worker has been replaced');
      yield replacement;
    }
  }

  // ---- what operators ask

  /** Whoever knows the answer gives one: this process, the workers, the backends beside it, or all of them. */
  #find(route: string): ControlResponder | undefined {
    const own = this.#routes.find(route);
    const workers = this.#pool.serving.filter((worker) => worker.answers(route));
    if (own === undefined && workers.length === 0) return undefined;
    const ask: ControlResponder = (request) =>
      mergeAnswers([
        ...(own ? [own(request)] : []),
        ...workers.map((worker) => worker.ask(route, request)),
        askBackends(route, { data: this.#options.settings.current.data, request }),
      ]);
    const drains = (drainRoutes as readonly string[]).includes(route) ? this.#drained : undefined;
    return drains?.noting(ask) ?? ask;
  }

  async #obstacles(): Promise<string[]> {
    if (this.#isDraining) return ['the proxy is draining'];
    const all = await Promise.all(this.#pool.serving.map((worker) => this.#statusOf(worker)));
    if (all.length === 0) return ['no worker is running'];
    const reasons = all.map((status) => status?.reasons ?? ['a worker does not answer']);
    if (reasons.some(({ length }) => length === 0)) return [];
    return [...new Set(reasons.flat())];
  }

  #status(): ProcessStatus {
    const reasons = this.#isDraining ? ['the proxy is draining'] : [];
    return { process: 'primary', pid: process.pid, seconds: process.uptime(), reasons };
  }

  async #gatherMetrics(): Promise<Registry> {
    const signal = AbortSignal.timeout(answerWithinMs);
    const answers = this.#find('GET /metrics')?.({ query: {}, body: undefined, signal }) ?? [];
    const processes = new Map<string, ProcessMetrics>();
    for await (const answer of answers) {
      if ('value' in answer) processes.set(answer.from, answer.value as ProcessMetrics);
    }
    return mergeMetrics(processes);
  }

  async #statusOf(worker: Worker): Promise<ProcessStatus | undefined> {
    return await this.#ask<ProcessStatus>(worker, 'GET /status');
  }

  /** The first value of an answer; `undefined` when none comes in time. */
  async #ask<Value>(worker: Worker, route: string): Promise<Value | undefined> {
    const request: ControlRequest = {
      query: {},
      body: undefined,
      signal: AbortSignal.timeout(answerWithinMs),
    };
    for await (const answer of worker.ask(route, request)) {
      return 'value' in answer ? (answer.value as Value) : undefined;
    }
    return undefined;
  }
}

function listedIn(routes: Settings['routes']): UpstreamName[] {
  return routes.flatMap(({ name, upstreams }) =>
    upstreams.map(({ address }) => ({ route: name, upstream: upstreamId(address) })),
  );
}

function numberOf(workers: number | 'auto'): number {
  return workers === 'auto' ? availableParallelism() : workers;
}

function countWorkers(pool: WorkerPool, metrics: Registry): void {
  new Gauge({
    name: 'castling_proxy_workers',
    help: 'Worker processes that take connections.',
    registers: [metrics],
    collect() {
      this.set(pool.serving.length);
    },
  });
}

function report(logger: Logger, event: WorkerEvent): void {
  switch (event.kind) {
    case 'started':
      logger.debug({ worker: event.worker, workerPid: event.pid }, 'a worker has been started');
      return;
    case 'replacing':
      logger.info({ worker: event.worker }, 'a worker is being replaced');
      return;
    case 'died':
      logger.warn(
        { worker: event.worker, ...describe(event), restartInMs: event.restartInMs },
        'a worker died; restarting it',
      );
      return;
    case 'left':
      logger.debug({ worker: event.worker, ...describe(event) }, 'a worker has drained and ended');
  }
}

function describe({ end }: WorkerEvent & { readonly kind: 'died' | 'left' }): object {
  return end.error === undefined ? { exitCode: end.code, signal: end.signal } : { err: end.error };
}
