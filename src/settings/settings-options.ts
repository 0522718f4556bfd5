import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SettingsSources } from './load-settings.ts';
import type { GivenFlag } from './reading/from-flags.ts';
import type { KnownKey } from './reading/keys-of.ts';
import { settingsKeys } from './settings-keys.ts';

/**
 * Gives a command the options that all settings have, `--settings FILE` and `--set KEY=VALUE`, and the short forms of some
 * keys, as their schema has them. What it returns gathers, once the command line is parsed, where settings come from.
 */
export function settingsOptions(command: Command, shortKeys: readonly string[]): () => SettingsSources {
  const shorts = shortKeys.map(shortOption);
  for (const { option } of shorts) command.addOption(option);
  const file = new Option(
    '--settings <file>',
    'the settings file (default: castling.yaml here or in the data folder)',
  );
  const set = new Option(
    '--set <key=value>',
    'any setting; may be repeated (`castling config explain` lists them)',
  );
  command.addOption(file).addOption(set.argParser(collectSet).default([], 'none'));
  return () => ({
    file: command.getOptionValue(file.attributeName()) as string | undefined,
    flags: [
      ...shorts.flatMap(({ key, option }) => given(command, key, option)),
      ...(command.getOptionValue(set.attributeName()) as GivenFlag[]),
    ],
    env: process.env,
    cwd: process.cwd(),
  });
}

interface Short {
  readonly key: KnownKey;
  readonly option: Option;
}

function shortOption(name: string): Short {
  const key = settingsKeys.find((each) => each.key === name);
  const flag = key?.notes.flag;
  if (key === undefined || flag === undefined) throw new TypeError(`${name} has no short form.`);
  const option = new Option(flag, helpOf(key));
  if (key.schema.items !== undefined) option.argParser(collect);
  return { key, option };
}

function given(command: Command, { key }: KnownKey, option: Option): GivenFlag[] {
  const value = command.getOptionValue(option.attributeName()) as string | readonly string[] | undefined;
  const texts = value === undefined ? [] : [value].flat();
  return texts.map((text) => ({ key, text, flag: option.long ?? option.flags }));
}

function helpOf({ key, schema, notes }: KnownKey): string {
  const says = (schema.description ?? '').replace(/\.$/, '');
  const isList = schema.items !== undefined;
  const byDefault =
    notes.derived ?? (isList || schema.default === undefined ? undefined : String(schema.default));
  const hints = [
    key,
    ...(isList ? ['may be repeated'] : []),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
  ];
  return `${says} (${hints.join('; ')})`;
}

function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

function collectSet(text: string, before: readonly GivenFlag[]): GivenFlag[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as KEY=VALUE, such as proxy.port=8443.');
  return [...before, { key: text.slice(0, at), text: text.slice(at + 1), flag: '--set' }];
}
