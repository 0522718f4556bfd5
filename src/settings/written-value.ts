import type { KeySchema } from './keys/key.ts';
import { writeKind } from './keys/kinds.ts';
import type { KnownKey } from './reading/keys-of.ts';
import type { Settings } from './schema.ts';
import { settingOf, settingsKeys } from './settings-keys.ts';

/** Stands in place of a secret. */
const hidden = '********';

/** The value of a key as it would stand in the file, secrets hidden; `undefined` for one that is absent. */
export function writtenValue(settings: Settings, key: Pick<KnownKey, 'path' | 'schema'>): unknown {
  return written(settingOf(settings, key), key.schema);
}

/** The value of a key as `--set KEY=…` takes it. @throws TypeError for a secret, which is not to be written there */
export function settingText(settings: Settings, name: string): string {
  const key = settingsKeys.find((each) => each.key === name);
  if (key === undefined || key.notes.secret !== undefined)
    throw new TypeError(`${name} is not for a command line.`);
  const value = writtenValue(settings, key);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** All settings as they would stand in the file, secrets hidden. */
export function writtenSettings(settings: Settings, keys: readonly KnownKey[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const value = writtenValue(settings, key);
    if (value === undefined) continue;
    let here = result;
    for (const name of key.path.slice(0, -1)) {
      here[name] ??= {};
      here = here[name] as Record<string, unknown>;
    }
    here[key.path.at(-1) ?? ''] = value;
  }
  return result;
}

function written(value: unknown, schema: KeySchema): unknown {
  if (value === undefined) return undefined;
  if (schema.anyOf !== undefined) return written(value, formOf(value, schema.anyOf));
  if (schema.items !== undefined && Array.isArray(value)) {
    const { items } = schema;
    return value.map((each) => written(each, items));
  }
  if (schema.properties !== undefined) return entriesWritten(value, (name) => schema.properties?.[name]);
  if (schema.patternProperties !== undefined) {
    const [child] = Object.values(schema.patternProperties);
    return entriesWritten(value, () => child);
  }
  const notes = schema['x-castling'];
  if (notes === undefined) return value;
  if (notes.secret === 'whole') return hidden;
  return notes.secret === 'password' ? withoutPassword(String(value)) : writeKind(notes, value);
}

function entriesWritten(value: unknown, childOf: (name: string) => KeySchema | undefined): unknown {
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, each]) => [name, written(each, childOf(name) ?? {})]));
}

/** The form with which the value agrees in the keys that hold one word. */
function formOf(value: unknown, forms: readonly KeySchema[]): KeySchema {
  const given = value as Record<string, unknown>;
  const fits = (form: KeySchema) =>
    Object.entries(form.properties ?? {}).every(
      ([name, { enum: words }]) => words?.length !== 1 || given[name] === words[0],
    );
  return forms.find(fits) ?? {};
}

function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.password === '') return url;
  parsed.password = hidden;
  return parsed.href;
}
