import type { X509Certificate } from 'node:crypto';
import { lifeLeft, renewalDue } from '../../process/live-certificates.ts';
import type { Logger } from '../../process/logger.ts';
import { Counter, Registry } from '../../process/metrics.ts';
import { backgroundTimers, type Timers } from '../../process/timers.ts';
import { AcmeError } from './acme-error.ts';
import type { AcmeFiles } from './acme-files.ts';
import { covers, type ObtainedPair } from './obtain-certificate.ts';

export interface AcmeKeeperOptions {
  readonly names: readonly string[];
  readonly files: AcmeFiles;
  /** Gets a new pair. @throws AcmeError */
  readonly obtain: () => Promise<ObtainedPair>;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Unix milliseconds. */
  readonly now?: () => number;
  readonly timers?: Timers;
  /** In [0, 1), so that many installations do not ask at the same minute. */
  readonly random?: () => number;
}

const minuteMs = 60_000;
const lookEveryMs = 60 * minuteMs;
const otherOrdersMs = 10 * minuteMs;
/** After a failure; doubled with each. Authorities allow about five failures an hour. */
const firstPauseMs = 10 * minuteMs;
const longestPauseMs = 12 * 60 * minuteMs;

/**
 * Keeps a certificate valid: looks every hour, and orders a new one when a third of the life of the old one is left.
 *
 * ```
 *            ┌────────── an hour ──────────┐
 *            ▼                             │
 *          look ── there, and young ───────┤
 *            │ none, names changed, old    │
 *            ▼                             │
 *        alone? ── another orders ── 10 min, look again
 *            │ yes
 *            ▼
 *          order ── issued ── written ─────┘    (every process that follows the file takes it)
 *            │ failed
 *            ▼
 *          pause 10 min, 20 min, … 12 h, or as long as the authority wants; then look
 * ```
 *
 * The old certificate stays in use all the while.
 */
export class AcmeKeeper {
  readonly #options: AcmeKeeperOptions;
  readonly #now: () => number;
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #orders: Counter<'outcome'>;
  #failures = 0;
  #cancel = () => {};
  #isStopped = false;

  constructor(options: AcmeKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#timers = options.timers ?? backgroundTimers;
    this.#random = options.random ?? Math.random;
    this.#orders = new Counter({
      name: 'castling_acme_orders_total',
      help: 'Certificates that were ordered from the authority.',
      labelNames: ['outcome'],
      registers: [options.metrics ?? new Registry()],
    });
    for (const outcome of ['issued', 'failed']) this.#orders.inc({ outcome }, 0);
  }

  /** Looks at once, and from then on until `stop`. Never rejects. */
  async start(): Promise<void> {
    const pauseMs = await this.#look();
    if (this.#isStopped) return;
    this.#cancel = this.#timers.after(pauseMs, () => void this.start());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** Resolves to the milliseconds until the next look. */
  async #look(): Promise<number> {
    const { files, logger } = this.#options;
    try {
      const why = await this.#reason();
      if (why === undefined) return this.#spread(lookEveryMs);
      const outcome = await files.alone(async () => {
        // Whoever held the lock until now may have done it.
        if ((await this.#reason()) === undefined) return 'done' as const;
        logger.info({ why, names: this.#options.names }, 'A certificate is being ordered.');
        const { certificate, key } = await this.#options.obtain();
        await files.write(certificate, key);
        this.#orders.inc({ outcome: 'issued' });
        logger.info({ names: this.#options.names }, 'A certificate has been issued.');
        return 'done' as const;
      });
      if (outcome === undefined) return this.#spread(otherOrdersMs);
      this.#failures = 0;
      return this.#spread(lookEveryMs);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Why a certificate is to be ordered, if it is. */
  async #reason(): Promise<string | undefined> {
    const leaf = await this.#options.files.leaf();
    if (leaf === undefined || isSelfSigned(leaf)) return 'there is none';
    const lacking = this.#options.names.find((name) => !covers(leaf, name));
    if (lacking !== undefined) return `the old one lacks ${lacking}`;
    return lifeLeft(leaf, this.#now()) <= renewalDue
      ? 'a third of the old one’s life is left, or less'
      : undefined;
  }

  #failed(error: unknown): number {
    this.#failures += 1;
    this.#orders.inc({ outcome: 'failed' });
    const own = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    const [detail, wanted] =
      error instanceof AcmeError ? [error.detail, error.retryAfterMs ?? 0] : [undefined, 0];
    const pauseMs = this.#spread(Math.max(own, wanted));
    this.#options.logger.error(
      { err: error, detail, failures: this.#failures, againInMinutes: Math.round(pauseMs / minuteMs) },
      'No certificate was issued; the old one stays in use.',
    );
    return pauseMs;
  }

  /** Up to a tenth more. */
  #spread(ms: number): number {
    return Math.round(ms * (1 + this.#random() / 10));
  }
}

/** What stands in until the first is issued. */
function isSelfSigned(leaf: X509Certificate): boolean {
  return leaf.checkIssued(leaf);
}
