import { isDeepStrictEqual } from 'node:util';
import type { KnownKey } from '../reading/keys-of.ts';
import type { Settings } from '../schema.ts';
import { settingOf, settingsKeys } from '../settings-keys.ts';

export interface Comparison {
  /** What can be in effect now: the new values, and the old ones of keys that need a restart. */
  readonly effective: Settings;
  /** Keys that differ and can change now. */
  readonly live: readonly string[];
  /** Keys that differ, and whose new value waits for a restart. */
  readonly restart: readonly string[];
}

/** Sets the settings in effect beside new ones. Changes of what does not concern this process are taken over in silence. */
export function compareSettings(current: Settings, next: Settings, concerns: readonly string[]): Comparison {
  const changed = settingsKeys
    .filter(({ path }) => concerns.includes(path[0] ?? ''))
    .filter((key) => !isDeepStrictEqual(settingOf(current, key), settingOf(next, key)));
  const restart = changed.filter(({ notes }) => notes.change !== 'live');
  const live = changed.filter(({ notes }) => notes.change === 'live');
  const effective = restart.reduce(
    (settings, key) => withValue(settings, key, settingOf(current, key)),
    next,
  );
  return { effective, live: names(live), restart: names(restart) };
}

function names(keys: readonly KnownKey[]): string[] {
  return keys.map(({ key }) => key);
}

/** A frozen copy with another value for one key. */
function withValue(settings: Settings, { path }: KnownKey, value: unknown): Settings {
  return put(settings, path, value) as Settings;
}

function put(tree: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const { [name]: before, ...others } = tree as Record<string, unknown>;
  const after = put(before, rest, value);
  return Object.freeze(after === undefined ? others : { ...others, [name]: after });
}
