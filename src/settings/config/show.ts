import type { Command } from 'commander';
import { printable } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import { type LoadedSettings, loadSettings } from '../load-settings.ts';
import { placeText } from '../reading/located.ts';
import { settingsKeys } from '../settings-keys.ts';
import { settingsOptions } from '../settings-options.ts';
import { writtenSettings, writtenValue } from '../written-value.ts';

/** `castling config show`: what a process that is started now would obey. */
export function registerShow(config: Command): void {
  const command = config
    .command('show')
    .description(
      'Show the settings that a start would use: flags over environment over file over defaults. Secrets are hidden.',
    )
    .option('--origin', 'where each value comes from')
    .option('--json', 'as JSON');
  const sources = settingsOptions(command, ['data', 'certs']);
  command.action((flags: { origin?: boolean; json?: boolean }) =>
    runCommand(async () => {
      const loaded = await loadSettings(sources());
      const text = flags.json
        ? asJson(loaded, flags.origin === true)
        : asLines(loaded, flags.origin === true);
      process.stdout.write(`${text}\n`);
    }),
  );
}

function asJson({ settings, origins, file }: LoadedSettings, withOrigin: boolean): string {
  const shown = writtenSettings(settings, settingsKeys);
  if (!withOrigin) return JSON.stringify(shown, undefined, 2);
  const from = Object.fromEntries([...origins].map(([key, place]) => [key, placeText(place)]));
  return JSON.stringify({ file: file ?? null, settings: shown, origins: from }, undefined, 2);
}

/** One key a line, so that `grep` finds it. */
function asLines({ settings, origins, file }: LoadedSettings, withOrigin: boolean): string {
  const shown = settingsKeys
    .filter(({ notes }) => notes.secretFileOf === undefined)
    .map((key) => {
      const value = writtenValue(settings, key);
      const text =
        typeof value === 'string' ? value : value === undefined ? '(not set)' : JSON.stringify(value);
      return {
        left: `${key.key}: ${printable(text)}`,
        from: placeText(origins.get(key.key) ?? { from: 'default' }),
      };
    });
  if (!withOrigin) return shown.map(({ left }) => left).join('\n');
  const width = Math.min(60, Math.max(...shown.map(({ left }) => left.length)));
  const lines = shown.map(({ left, from }) => `${left.padEnd(width)}  # ${printable(from)}`);
  return [`# flag > environment > file (${file ?? 'none found'}) > default`, ...lines].join('\n');
}
