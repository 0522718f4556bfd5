import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../process/logger.ts';
import { Counter, Gauge, Registry } from '../../process/metrics.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { LoadedSettings } from '../load-settings.ts';
import { problemText } from '../reading/located.ts';
import { brokenRules } from '../rules.ts';
import type { Settings } from '../schema.ts';
import { SettingsError } from '../settings-error.ts';
import { compareSettings } from './compare-settings.ts';
import { SettingsFollowers } from './settings-followers.ts';
import type { SettingsSource, Subscriber } from './settings-source.ts';

/** Why the settings were read. */
export type ReloadCause = 'start' | 'file' | 'hang-up' | 'command';

/** What became of new settings. `restart` names the keys whose new value waits for a restart. */
export type ReloadOutcome =
  | { readonly kind: 'applied'; readonly changed: readonly string[]; readonly restart: readonly string[] }
  | { readonly kind: 'unchanged'; readonly restart: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

/** One set of settings that was in effect. */
export interface AppliedVersion {
  /** Counts from 1 in each life of the process. */
  readonly version: number;
  /** Of what was read and accepted, keys that wait for a restart included: equal in all processes that agree. */
  readonly digest: string;
  readonly cause: ReloadCause;
  /** ISO 8601. */
  readonly appliedAt: string;
  readonly changed: readonly string[];
}

export interface LiveSettingsOptions {
  readonly loaded: LoadedSettings;
  /** Reads them all again. @throws like `loadSettings` */
  readonly load: () => Promise<LoadedSettings>;
  readonly logger: Logger;
  readonly metrics?: Registry;
  /** The sections, and keys without one, whose changes are told; the others belong to other processes. */
  readonly concerns: readonly string[];
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Versions that are remembered. */
const historyLength = 32;

/**
 * The settings of a running process. A reload is validated whole, then applied whole or not at all:
 *
 * ```
 *   read ──▶ check ──▶ keep what needs a restart ──▶ prepare, one subscriber after the other ──▶ apply, all in one turn
 *     │        │                                        │
 *     └────────┴──────────── refused: the old stay ◀────┘ (what was prepared is abandoned)
 * ```
 *
 * Reloads that are asked for while one is under way become one more after it.
 */
export class LiveSettings implements SettingsSource {
  readonly #options: LiveSettingsOptions;
  readonly #followers: SettingsFollowers;
  readonly #history: AppliedVersion[] = [];
  readonly #metrics: SettingsMetrics;
  #loaded: LoadedSettings;
  #restart: readonly string[] = [];
  #running: Promise<ReloadOutcome> | undefined;
  #next: Promise<ReloadOutcome> | undefined;

  constructor(options: LiveSettingsOptions) {
    this.#options = options;
    this.#metrics = new SettingsMetrics(options.metrics ?? new Registry());
    this.#loaded = options.loaded;
    this.#followers = new SettingsFollowers(options.loaded.settings, options.logger);
    this.#remember('start', []);
  }

  get current(): Settings {
    return this.#followers.current;
  }

  /** What was read last: with the origins of values and the files to watch. */
  get loaded(): LoadedSettings {
    return this.#loaded;
  }

  /** Keys whose value in the file waits for a restart. */
  get waitingForRestart(): readonly string[] {
    return this.#restart;
  }

  /** The last versions, the newest last. */
  get history(): readonly AppliedVersion[] {
    return this.#history;
  }

  subscribe<Part, Prepared = undefined>(
    select: (settings: Settings) => Part,
    subscriber: Subscriber<Part, Prepared>,
  ): () => void {
    return this.#followers.subscribe(select, subscriber);
  }

  /** Reads the settings again. Never rejects: what is wrong with new settings is in the outcome, and in the log. */
  reload(cause: ReloadCause): Promise<ReloadOutcome> {
    if (this.#running === undefined) {
      this.#running = this.#reload(cause).finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // The one under way may have read the file before it was changed.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.reload(cause);
    });
    return this.#next;
  }

  async #reload(cause: ReloadCause): Promise<ReloadOutcome> {
    try {
      const loaded = await this.#options.load();
      return await this.#take(loaded, cause);
    } catch (error) {
      return this.#refuse(error, cause);
    }
  }

  async #take(loaded: LoadedSettings, cause: ReloadCause): Promise<ReloadOutcome> {
    const { current, restart: before } = { current: this.current, restart: this.#restart };
    const { effective, live, restart } = compareSettings(current, loaded.settings, this.#options.concerns);
    refuseMixture(effective, restart);
    const isSame = isDeepStrictEqual(effective, current) && isDeepStrictEqual(restart, before);
    if (isSame && loaded.digest === this.#loaded.digest) {
      this.#loaded = loaded;
      return { kind: 'unchanged', restart };
    }
    (await this.#followers.prepare(effective)).apply();
    this.#loaded = loaded;
    this.#restart = restart;
    this.#metrics.restart(restart.length);
    this.#remember(cause, live);
    this.announce();
    return { kind: 'applied', changed: live, restart };
  }

  /** Tells which settings are in effect, and what waits for a restart. */
  announce(): void {
    const { logger } = this.#options;
    const { file = 'none' } = this.#loaded;
    const { version, digest, cause, changed } = this.#history.at(-1) ?? {};
    logger.info({ version, digest, cause, file, changed }, 'settings in effect');
    if (this.#restart.length > 0) {
      logger.warn(
        `These settings wait for a restart: ${this.#restart.join(', ')}. Until then the old ones count.`,
      );
    }
  }

  #remember(cause: ReloadCause, changed: readonly string[]): void {
    const { now = Date.now } = this.#options;
    const { digest } = this.#loaded;
    const version = (this.#history.at(-1)?.version ?? 0) + 1;
    const at = now();
    this.#history.push({ version, digest, cause, appliedAt: new Date(at).toISOString(), changed });
    if (this.#history.length > historyLength) this.#history.shift();
    this.#metrics.applied({ version, digest, at });
  }

  #refuse(error: unknown, cause: ReloadCause): ReloadOutcome {
    const { logger } = this.#options;
    this.#metrics.refused();
    const reasons =
      error instanceof SettingsError
        ? error.problems.map(problemText)
        : [error instanceof OperatorError ? error.message : 'An unexpected error; the log has it.'];
    const err = error instanceof OperatorError ? undefined : error;
    const sentence =
      'New settings are refused, and the old ones stay. Mend them; they are read again at once.';
    logger.error({ cause, reasons, ...(err !== undefined && { err }) }, sentence);
    return { kind: 'refused', reasons };
  }
}

/** New values and old ones that wait for a restart may break a rule together that each set keeps. */
function refuseMixture(effective: Settings, restart: readonly string[]): void {
  const [broken] = brokenRules(effective);
  if (broken === undefined) return;
  throw new OperatorError(
    'settings_invalid',
    `${broken.key}: ${broken.message} These changes can only be taken together, at a restart: ${restart.join(', ')}.`,
  );
}

class SettingsMetrics {
  readonly #info: Gauge<'digest'>;
  readonly #version: Gauge;
  readonly #appliedAt: Gauge;
  readonly #restart: Gauge;
  readonly #reloads: Counter<'outcome'>;

  constructor(metrics: Registry) {
    const registers = [metrics];
    this.#info = new Gauge({
      name: 'castling_settings_info',
      help: 'Always 1; the label is the digest of the settings in effect.',
      labelNames: ['digest'],
      registers,
    });
    this.#version = new Gauge({
      name: 'castling_settings_version',
      help: 'Number of the settings in effect, from 1 in each life of the process.',
      registers,
    });
    this.#appliedAt = new Gauge({
      name: 'castling_settings_applied_timestamp_seconds',
      help: 'When the settings in effect were applied.',
      registers,
    });
    this.#restart = new Gauge({
      name: 'castling_settings_waiting_for_restart',
      help: 'Keys whose value in the file waits for a restart.',
      registers,
    });
    this.#reloads = new Counter({
      name: 'castling_settings_reloads_total',
      help: 'Settings that were applied, or refused and left as they were.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['applied', 'refused']) this.#reloads.inc({ outcome }, 0);
  }

  /** One series of the info gauge exists at a time. */
  applied({ version, digest, at }: { version: number; digest: string; at: number }): void {
    this.#info.reset();
    this.#info.set({ digest }, 1);
    this.#version.set(version);
    this.#appliedAt.set(at / 1000);
    if (version > 1) this.#reloads.inc({ outcome: 'applied' });
  }

  refused(): void {
    this.#reloads.inc({ outcome: 'refused' });
  }

  restart(keys: number): void {
    this.#restart.set(keys);
  }
}
