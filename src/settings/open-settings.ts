import { onHangUp } from '../process/hang-up.ts';
import { judgeVersions } from '../process/judge-versions.ts';
import { createLogger, type Logger } from '../process/logger.ts';
import type { Registry } from '../process/metrics.ts';
import { watchFiles } from '../process/watch-files.ts';
import { LiveSettings } from './live/live-settings.ts';
import { loadSettings, type SettingsSources } from './load-settings.ts';

export interface OpenSettingsOptions {
  /** Which process speaks in the log: `proxy`, `backend`, `start`. */
  readonly name: string;
  /** The sections, and keys without one, that this process uses; it is silent about changes to others. */
  readonly concerns: readonly string[];
  readonly metrics?: Registry;
  /** Milliseconds between two looks at the files. */
  readonly everyMs?: number;
}

export interface OpenSettings {
  readonly settings: LiveSettings;
  /** Obeys `log.level`, also when it changes. */
  readonly logger: Logger;
  /**
   * From now on, since the process is up: tells which settings are in effect, and reads them again when their files change.
   * `onHangUp` is called at each SIGHUP, too.
   */
  follow(onHangUp?: () => void): void;
  /** Stops following. */
  stop(): void;
}

/**
 * Reads the settings of a process. Once it follows them, they are read again when a file of theirs changes, and on SIGHUP.
 *
 * @throws like `loadSettings` and `judgeVersions`
 */
export async function openSettings(
  sources: SettingsSources,
  { name, concerns, metrics, everyMs = 500 }: OpenSettingsOptions,
): Promise<OpenSettings> {
  const loaded = await loadSettings(sources);
  const logger = createLogger({ name, level: loaded.settings.log.level });
  const oldVersions = judgeVersions({
    production: process.env.NODE_ENV === 'production',
    allowed: loaded.settings.unsafeOldNode,
  });
  const settings = new LiveSettings({
    loaded,
    // A file that was in use and is gone is a mistake, and not a wish for the defaults.
    load: () => loadSettings({ ...sources, file: settings.loaded.file ?? sources.file }),
    logger,
    concerns,
    ...(metrics && { metrics }),
  });
  settings.subscribe(({ log }) => log.level, {
    apply: (level) => {
      logger.level = level;
    },
  });
  // Before the process is up there is nothing to be read again: it looks when it begins to follow.
  let onReload = () => {};
  let stopWatching = () => {};
  const stopListening = onHangUp({
    onReload: () => onReload(),
    // The same way out as for a service that is stopped.
    onTerminalGone: () => process.kill(process.pid, 'SIGTERM'),
  });
  return {
    settings,
    logger,
    follow: (alsoOnHangUp) => {
      onReload = () => {
        void settings.reload('hang-up');
        alsoOnHangUp?.();
      };
      settings.announce();
      // Of the processes that one has started, that one speaks.
      if (oldVersions !== undefined && !process.connected) logger.warn(oldVersions);
      stopWatching = watchFiles({
        paths: () => settings.loaded.watched,
        changed: () => settings.reload('file'),
        everyMs,
      });
      void settings.reload('file');
    },
    stop: () => {
      stopWatching();
      stopListening();
    },
  };
}
