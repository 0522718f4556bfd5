import {
  type Static,
  type TArray,
  type TObject,
  type TProperties,
  type TSchema,
  type TUnion,
  type TUnsafe,
  Type,
} from 'typebox';
import { type About, type KeyNotes, schemaOf } from './key.ts';
import { path } from './path.ts';

/**
 * Keys that stand together under one name, or the keys of one item of a list or a named set; there, keys without default
 * must be given. Each key marked `secret` gets a brother `…File`, a path whose content is its
 * value; the program sees only the value.
 */
export function section<Keys extends TProperties>(description: string, keys: Keys): TObject<Keys> {
  return Type.Object(withSecretFiles(keys), { description, additionalProperties: false });
}

/** A list; it is replaced whole by whoever stands above (flag over environment over file), and changes as one. */
export function listOf<Item extends TSchema>(
  items: Item,
  about: About<readonly unknown[]> & { readonly most: number; readonly of: string },
): TArray<Item> {
  const { description, default: byDefault, most, of, ...rest } = about;
  const notes: KeyNotes = { ...rest, kind: 'plain', expected: `a list of at most ${most} ${of}` };
  return Type.Array(items, { description, default: byDefault, maxItems: most, 'x-castling': notes });
}

/** Entries under names that the operator chooses; they change as one. */
export function namedSet<Item extends TSchema>(
  items: Item,
  about: About<object> & { readonly most: number; readonly of: string },
): TUnsafe<Readonly<Record<string, Static<Item>>>> {
  const { description, default: byDefault, most, of, ...rest } = about;
  const expected = `at most ${most} ${of}, each under a name of letters, digits, - and _`;
  const notes: KeyNotes = { ...rest, kind: 'plain', expected };
  return Type.Unsafe({
    type: 'object',
    patternProperties: { '^[A-Za-z][A-Za-z0-9_-]{0,63}$': items },
    additionalProperties: false,
    maxProperties: most,
    description,
    default: byDefault,
    'x-castling': notes,
  });
}

/** Forms of one item that a word under a key such as `kind` tells apart: each has that key as a `choice` of one word. */
export function variants<Forms extends TSchema[]>(forms: [...Forms]): TUnion<Forms> {
  return Type.Union(forms);
}

/** The brothers are for the reader only, so the type does not know them. */
function withSecretFiles<Keys extends TProperties>(keys: Keys): Keys {
  const all = Object.entries(keys).flatMap(([name, key]): [string, TSchema][] => {
    const notes = schemaOf(key)['x-castling'];
    return notes?.secret === undefined
      ? [[name, key]]
      : [
          [name, key],
          [`${name}File`, secretFile(name, notes)],
        ];
  });
  return Object.fromEntries(all) as Keys;
}

function secretFile(name: string, { change = 'restart' }: KeyNotes): TSchema {
  const description = `A file that holds ${name}, so that the secret itself stands nowhere else.`;
  const made = path({ change, description });
  const notes = { ...schemaOf(made)['x-castling'], secretFileOf: name };
  return Type.Optional({ ...made, 'x-castling': notes } as TSchema);
}
