import { schemaOf } from './keys/key.ts';
import { type KnownKey, keysOf } from './reading/keys-of.ts';
import { type Settings, settingsSchema } from './schema.ts';

/** The keys of all sections, in the order of the schema; those of `…File` among them. */
export const settingsKeys: readonly KnownKey[] = keysOf(schemaOf(settingsSchema));

/** What the program got for a key; `undefined` for one that is absent. */
export function settingOf(settings: Settings, { path }: Pick<KnownKey, 'path'>): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    settings,
  );
}
