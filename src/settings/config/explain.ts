import type { Command } from 'commander';
import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import type { KnownKey } from '../reading/keys-of.ts';
import { unknownKey } from '../reading/unknown-key.ts';
import { settingsKeys } from '../settings-keys.ts';

/** `castling config explain [KEY]`: what keys do. */
export function registerExplain(config: Command): void {
  config
    .command('explain')
    .description('Say what a key does, or all of a section, or all that there are.')
    .argument('[key]', 'a key such as proxy.port, or a section such as proxy')
    .action((name: string | undefined) =>
      runCommand(() => {
        const keys = settingsKeys.filter(
          ({ key }) => name === undefined || key === name || key.startsWith(`${name}.`),
        );
        if (keys.length === 0) {
          const sentence = unknownKey(name ?? '', { keys: settingsKeys });
          throw new OperatorError('usage', `${printable(name ?? '')}: ${sentence}`);
        }
        process.stdout.write(`${keys.flatMap((key) => explanationOf(key)).join('\n')}\n`);
      }),
    );
}

/** A few lines about one key; `value` is what a file gives it. */
export function explanationOf({ key, schema, notes, variable, within }: KnownKey, value?: unknown): string[] {
  const shown = (each: unknown) => (typeof each === 'string' ? each : JSON.stringify(each));
  const byDefault = notes.derived ?? (schema.default === undefined ? 'none' : shown(schema.default));
  const when = notes.change === 'live' ? 'changes at once' : 'changes at a restart';
  const flag = notes.flag === undefined ? '' : `, ${notes.flag}`;
  return [
    value === undefined ? key : `${key}: ${printable(shown(value))}`,
    `    ${[...within, schema.description].join(' ')}`,
    `    ${notes.expected}; default: ${byDefault}; ${when}`,
    `    ${variable}, --set ${key}=…${flag}`,
  ];
}
