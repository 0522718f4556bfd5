/**
 * The settings of Castling: one file, `castling.yaml`, whose every key can also be given by environment and by flag.
 *
 * **How a process uses them.** The command calls `settingsOptions` for its flags and `openSettings` once; the composition root
 * takes `settings.current` apart and hands each component plain options. What can change while it runs:
 *
 * ```ts
 * settings.subscribe((next) => next.limits, {
 *   prepare: async (limits) => makeWhatCanFail(limits),     // optional; throws an OperatorError to refuse the whole file
 *   apply: (limits, made) => component.take(limits, made),  // must not fail
 *   abandon: (made) => made.close(),                      // optional; somebody else has refused
 * });
 * ```
 *
 * **How to add a key.** Put it into its section in `sections/`, by one of the functions in `keys/` (`whole`, `wholeOrAuto`, `port`, `yesOrNo`,
 * `text`, `choice`, `duration`, `size`, `path`, `address`, `origin`, `listOf`, `namedSet`, `variants`), with a description, a
 * default and `change: 'live' | 'restart'`. A key that may be absent is wrapped in `Type.Optional`; a default that follows from
 * other keys is said in words (`derived`) and made in `derived-defaults.ts`. Environment name, flag, checks, messages, the
 * published schema, the example and `castling config` follow from that. **A section** is one file in `sections/` and
 * one name in `schema.ts`. What must hold between keys is a line in `rules.ts`. A new kind of value is one file in `keys/` and one
 * line in `keys/kinds.ts`. Then run `node scripts/settings-docs.ts`.
 *
 * Rules: everything finite has a bound here; whatever can be live is live; secrets are marked `secret`, and then have a
 * `…File` brother, are hidden wherever settings are shown, and are refused on the command line.
 */

export { dataFolderOf } from './data-folder.ts';
export { followTraces } from './follow-traces.ts';
export { readDuration } from './keys/duration.ts';
export { readSize } from './keys/size.ts';
export { type PreparedChange, SettingsFollowers } from './live/settings-followers.ts';
export type { SettingsSource } from './live/settings-source.ts';
export type { LoadedSettings, SettingsSources } from './load-settings.ts';
export { loadSettings } from './load-settings.ts';
export { openSettings } from './open-settings.ts';
export type { GivenFlag } from './reading/from-flags.ts';
export type { Settings } from './schema.ts';
export { limitDefaults } from './sections/limit-defaults.ts';
export { slownessDefaults } from './sections/slowness-defaults.ts';
export { settingsOptions } from './settings-options.ts';
export { shownSettings } from './shown-settings.ts';
export { settingText } from './written-value.ts';
