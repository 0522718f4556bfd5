import type { Logger } from '../process/logger.ts';
import type { Timers } from '../process/timers.ts';
import { type ChildEnd, type ChildEvent, type Launch, SupervisedChild } from './supervised-child.ts';

/** The children, in the order in which they start; they stop in the opposite order. */
export type ChildName = 'backend' | 'proxy' | `backend ${number}`;

export type SupervisorOptions = {
  launch: { backends: readonly Launch[]; proxy: Launch };
  logger: Logger;
  timers: Timers;
  /** In [0, 1). */
  random: () => number;
};

/**
 * How long each child may drain before it is killed, in milliseconds. The proxy goes first: it tells the players, and
 * while it does the backend must still finish their moves. Together they stay below ten seconds.
 */
export const STOP_WITHIN_MS: Readonly<Record<'backend' | 'proxy', number>> = { proxy: 7_000, backend: 2_500 };

/** Runs the backends and the proxy as processes of their own, and restarts one that dies. */
export class Supervisor {
  readonly #backends: readonly SupervisedChild[];
  readonly #proxy: SupervisedChild;
  readonly #gaveUp = Promise.withResolvers<{ child: ChildName; end: ChildEnd }>();

  constructor(options: SupervisorOptions) {
    const supervise = (name: ChildName, launch: Launch) =>
      new SupervisedChild({
        launch,
        timers: options.timers,
        random: options.random,
        onEvent: (event) => {
          report(options.logger, name, event);
          if (event.kind === 'gave-up') this.#gaveUp.resolve({ child: name, end: event.end });
        },
      });
    const { backends, proxy } = options.launch;
    this.#backends = backends.map((launch, index) =>
      supervise(backends.length === 1 ? 'backend' : `backend ${index + 1}`, launch),
    );
    this.#proxy = supervise('proxy', proxy);
  }

  start(): void {
    for (const backend of this.#backends) backend.start();
    this.#proxy.start();
  }

  /** Resolves when a child ended in a way that a restart cannot cure; never otherwise. */
  get gaveUp(): Promise<{ child: ChildName; end: ChildEnd }> {
    return this.#gaveUp.promise;
  }

  /** Lets all read their files again: settings, certificates. */
  reread(): void {
    for (const backend of this.#backends) backend.reread();
    this.#proxy.reread();
  }

  /** Drains the proxy, then the backends. Resolves when all are gone. */
  async stop(): Promise<void> {
    await this.#proxy.stop(STOP_WITHIN_MS.proxy);
    await Promise.all(this.#backends.map((backend) => backend.stop(STOP_WITHIN_MS.backend)));
  }

  /** Ends all at once. */
  kill(): void {
    this.#proxy.kill();
    for (const backend of this.#backends) backend.kill();
  }
}

function report(logger: Logger, child: ChildName, event: ChildEvent): void {
  switch (event.kind) {
    case 'started':
      logger.info({ child, childPid: event.pid }, 'started');
      break;
    case 'died':
      logger.warn({ child, ...describe(event.end), restartInMs: event.restartInMs }, 'died; restarting');
      break;
    case 'gave-up':
      logger.error({ child, ...describe(event.end) }, 'ended for a reason that a restart cannot cure');
      break;
    case 'stopped':
      logger.info({ child, ...(event.end && describe(event.end)) }, 'stopped');
  }
}

function describe({ code, signal, error }: ChildEnd): Record<string, unknown> {
  return error === undefined ? { exitCode: code, signal } : { err: error };
}
