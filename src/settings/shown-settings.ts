import type { LiveSettings } from './live/live-settings.ts';
import { settingsKeys } from './settings-keys.ts';
import { writtenSettings } from './written-value.ts';

/** The settings of a running process for its operator: in effect, what waits for a restart, and the versions so far. Secrets are hidden. */
export function shownSettings(settings: LiveSettings): object {
  const { current, loaded, waitingForRestart, history } = settings;
  return {
    file: loaded.file ?? null,
    settings: writtenSettings(current, settingsKeys),
    waitingForRestart,
    versions: history,
  };
}
