import type { Logger } from '../../process/logger.ts';
import type { PreparedChange, Settings, SettingsSource } from '../../settings/index.ts';
import type { Worker } from './worker-process.ts';

export interface WorkerSettingsOptions {
  readonly source: SettingsSource;
  /** Those that take connections. */
  readonly serving: () => readonly Worker[];
  readonly logger: Logger;
}

/**
 * Has all workers follow the settings of the primary, in two steps: only when each has prepared for new ones are they in effect
 * anywhere. So no worker reads the settings file, and one that is started anew gets the settings in effect, whatever the file
 * says by then.
 */
export class WorkerSettings {
  readonly #options: WorkerSettingsOptions;

  constructor(options: WorkerSettingsOptions) {
    this.#options = options;
    options.source.subscribe((settings) => settings, {
      prepare: async (next) => await this.#prepare(next),
      apply: (_next, prepared) => prepared.apply(),
      abandon: (prepared) => prepared.abandon(),
    });
  }

  /** Brings a worker up to date that has just begun: the settings may have changed since it was started. */
  async catchUp(worker: Worker): Promise<void> {
    const { source, logger } = this.#options;
    while (worker.isServing && worker.settings !== source.current) {
      try {
        (await worker.prepare(source.current)).apply();
      } catch (error) {
        logger.error(
          { err: error, worker: worker.number },
          'a worker cannot take the settings in effect; ending it',
        );
        worker.kill();
        return;
      }
    }
  }

  async #prepare(next: Settings): Promise<PreparedChange> {
    const outcomes = await Promise.allSettled(this.#options.serving().map((worker) => worker.prepare(next)));
    const prepared = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    const abandon = () => {
      for (const each of prepared) each.abandon();
    };
    if (refused !== undefined) {
      abandon();
      throw refused.reason;
    }
    return {
      abandon,
      apply: () => {
        for (const each of prepared) each.apply();
        // In effect at the end of this turn; a worker that came up meanwhile was not asked.
        setImmediate(() => {
          for (const worker of this.#options.serving()) void this.catchUp(worker);
        });
      },
    };
  }
}
