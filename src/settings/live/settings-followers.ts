import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../process/logger.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { Settings } from '../schema.ts';
import type { SettingsSource, Subscriber } from './settings-source.ts';

/** A change that everybody has agreed to. One of the two is called, once; neither fails. */
export interface PreparedChange {
  apply(): void;
  abandon(): void;
}

/** Milliseconds that all subscribers together may take to prepare. */
const prepareMs = 10_000;

/** The settings in effect, and the parts of a process that follow them. A change takes two steps, so that it is whole or not at all. */
export class SettingsFollowers implements SettingsSource {
  readonly #logger: Logger;
  readonly #subscriptions = new Set<Subscription>();
  #current: Settings;

  constructor(current: Settings, logger: Logger) {
    this.#current = current;
    this.#logger = logger;
  }

  get current(): Settings {
    return this.#current;
  }

  subscribe<Part, Prepared = undefined>(
    select: (settings: Settings) => Part,
    subscriber: Subscriber<Part, Prepared>,
  ): () => void {
    const subscription: Subscription = {
      differs: (next) => !isDeepStrictEqual(select(this.#current), select(next)),
      prepare: async (next) => {
        const part = select(next);
        const prepared = (await subscriber.prepare?.(part)) as Prepared;
        return {
          apply: () => subscriber.apply(part, prepared),
          abandon: () => subscriber.abandon?.(prepared),
        };
      },
    };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  /**
   * Asks whoever is concerned, one after the other. Nothing is in effect before `apply`, which takes one turn of the event loop.
   *
   * @throws what the first to refuse throws; OperatorError when they take too long
   */
  async prepare(next: Settings): Promise<PreparedChange> {
    const prepared: PreparedChange[] = [];
    const concerned = [...this.#subscriptions].filter((each) => each.differs(next));
    const deadline = AbortSignal.timeout(prepareMs);
    const abandon = () => {
      for (const each of prepared) this.#attempt(each.abandon);
    };
    try {
      for (const each of concerned) {
        const work = each.prepare(next);
        prepared.push(
          await within(deadline, work).catch((error: unknown) => {
            // Whatever comes too late is let go of when it comes.
            work.then((late) => this.#attempt(late.abandon)).catch(() => {});
            throw error;
          }),
        );
      }
    } catch (error) {
      abandon();
      throw error;
    }
    return {
      apply: () => {
        this.#current = next;
        for (const each of prepared) this.#attempt(each.apply);
      },
      abandon,
    };
  }

  /** One subscriber’s fault must not keep the others from what they have agreed to. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (err) {
      this.#logger.error({ err }, 'A part failed to take over settings that it had agreed to.');
    }
  }
}

interface Subscription {
  differs(next: Settings): boolean;
  prepare(next: Settings): Promise<PreparedChange>;
}

async function within<Result>(deadline: AbortSignal, work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () =>
    reject(new OperatorError('settings_invalid', 'The new settings took too long to prepare.'));
  if (deadline.aborted) late();
  deadline.addEventListener('abort', late, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    deadline.removeEventListener('abort', late);
  }
}
