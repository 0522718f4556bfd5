import { X509Certificate } from 'node:crypto';
import { type FollowedFiles, followFiles } from './follow-files.ts';
import type { Logger } from './logger.ts';
import { Counter, Gauge, Registry } from './metrics.ts';
import { backgroundTimers, type Timers } from './timers.ts';

/** A certificate with what belongs to it, in files. */
export interface CertificateSource<Content extends { readonly certificate: string }> {
  /** What the operator knows it by, in the log and as a label: from settings and files, never from a peer. */
  readonly name: string;
  /** `undefined` for a file that is not used. */
  readonly paths: readonly (string | undefined)[];
  readonly initial: Content;
  /** Reads the files and judges them whole. @throws what is wrong with them */
  readonly read: () => Promise<Content>;
  /** Called with content that is whole and other than before. */
  readonly take: (content: Content) => void;
}

export interface LiveCertificatesOptions {
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** Unix milliseconds. */
  readonly now?: () => number;
  readonly timers?: Timers;
  /** Milliseconds between two looks at the files. Default 1,000. */
  readonly everyMs?: number;
}

interface Used {
  readonly name: string;
  leaf: X509Certificate;
  readonly files: FollowedFiles;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The part of its life from which on a certificate should be replaced. */
export const renewalDue = 1 / 3;

/** What of a certificate's life is left, from 1 at its beginning to 0 at its end, and less. */
export function lifeLeft({ validFromDate, validToDate }: X509Certificate, now: number): number {
  const [start, end] = [validFromDate.getTime(), validToDate.getTime()];
  return (end - now) / (end - start);
}

/**
 * The certificates that this process uses, and what becomes of them: new files are taken whole or not at all, a metric shows how
 * long each is still valid, and the log warns once a day from a third of its life on (with lives of weeks, no number of days
 * would suit all).
 *
 * ```
 *   files ── changed, rested ──▶ read ── whole? ── yes ──▶ in use from the next handshake on
 *                                          │ no
 *                                          ▼
 *                              the old ones stay; one line in the log, one in the counter
 * ```
 */
export class LiveCertificates {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #timers: Timers;
  readonly #everyMs: number;
  readonly #reloads: Counter<'outcome'>;
  readonly #used = new Set<Used>();
  /** When a certificate was last warned of, by its fingerprint. */
  #warned = new Map<string, number>();
  #cancel = () => {};

  constructor({
    logger,
    metrics = new Registry(),
    now = Date.now,
    timers = backgroundTimers,
    everyMs = 1_000,
  }: LiveCertificatesOptions) {
    this.#logger = logger;
    this.#now = now;
    this.#timers = timers;
    this.#everyMs = everyMs;
    this.#reloads = new Counter({
      name: 'castling_tls_certificate_reloads_total',
      help: 'Changed certificate files: taken, or refused with the old ones kept.',
      labelNames: ['outcome'],
      registers: [metrics],
    });
    const used = this.#used;
    new Gauge({
      name: 'castling_tls_certificate_remaining_seconds',
      help: 'Seconds until a certificate in use expires; negative afterwards.',
      labelNames: ['certificate'],
      registers: [metrics],
      collect() {
        this.reset();
        for (const { name, leaf } of used) {
          this.set({ certificate: name }, Math.round((leaf.validToDate.getTime() - now()) / 1000));
        }
      },
    });
    this.#lookAgain();
  }

  /** Follows a certificate from now on, until `stop`, or until the function that it gives is called. */
  add<Content extends { readonly certificate: string }>(source: CertificateSource<Content>): () => void {
    const { name, paths, initial, read, take } = source;
    const used: Used = {
      name,
      leaf: new X509Certificate(initial.certificate),
      files: followFiles({
        paths: paths.filter((path) => path !== undefined),
        initial,
        read,
        take: (content) => {
          take(content);
          used.leaf = new X509Certificate(content.certificate);
          this.#reloads.inc({ outcome: 'taken' });
          const { serialNumber: serial, validToDate } = used.leaf;
          this.#logger.info(
            { certificate: name, serial, expires: validToDate },
            'A new certificate is in use.',
          );
          this.#look();
        },
        refuse: (err) => {
          this.#reloads.inc({ outcome: 'refused' });
          this.#logger.error(
            { err, certificate: name },
            'Changed certificate files cannot be used; the old ones stay.',
          );
        },
        everyMs: this.#everyMs,
      }),
    };
    this.#used.add(used);
    this.#look();
    return () => {
      used.files.stop();
      this.#used.delete(used);
    };
  }

  /** Reads all files now, for an operator who does not want to wait for the next look. */
  async reload(): Promise<void> {
    await Promise.all(Array.from(this.#used, ({ files }) => files.reload()));
  }

  stop(): void {
    for (const { files } of this.#used) files.stop();
    this.#cancel();
  }

  #lookAgain(): void {
    this.#look();
    this.#cancel = this.#timers.after(hourMs, () => this.#lookAgain());
  }

  #look(): void {
    const now = this.#now();
    const warned = new Map<string, number>();
    for (const { name, leaf } of this.#used) {
      if (lifeLeft(leaf, now) > renewalDue) continue;
      const before = this.#warned.get(leaf.fingerprint256) ?? Number.NEGATIVE_INFINITY;
      const isDue = now - before >= dayMs;
      warned.set(leaf.fingerprint256, isDue ? now : before);
      if (isDue) this.#warn(name, leaf);
    }
    this.#warned = warned;
  }

  #warn(name: string, { validToDate }: X509Certificate): void {
    const daysLeft = Math.floor((validToDate.getTime() - this.#now()) / dayMs);
    const event = { certificate: name, expires: validToDate, daysLeft };
    if (daysLeft < 0)
      this.#logger.error(event, 'A certificate has expired, and clients refuse it: replace its files.');
    else this.#logger.warn(event, 'A certificate has a third of its life left or less: renew it.');
  }
}
