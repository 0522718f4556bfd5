import { type TSchema, type TUnsafe, Type } from 'typebox';

/** When a changed value takes effect: at once in the running process, or at its next start. */
export type Change = 'live' | 'restart';

/** What every key says of itself, beside its type. `Raw` is the form that stands in the file. */
export interface About<Raw> {
  /** One or two sentences for an operator: what it does, and what a larger or smaller value costs. */
  readonly description: string;
  readonly change: Change;
  /** The form that stands in the file: `10s`, `64KiB`, `8443`. */
  readonly default?: Raw;
  /** Where the default follows from other keys: in words. The value comes from `derived-defaults.ts`. */
  readonly derived?: string;
  /** The short form on the command line, such as `--port <port>`; every key has `--set KEY=VALUE` beside it. */
  readonly flag?: string;
  readonly secret?: Secret;
}

/**
 * A secret is never shown, and refused on the command line, which every account of the machine can read; the key `…File`
 * names a file that holds it. `password`: the value is a URL, and only the password in it is secret.
 */
export type Secret = 'whole' | 'password';

/** How a value is read and written where JSON Schema alone does not say it. */
export type KindName = 'plain' | 'duration' | 'size' | 'path' | 'address' | 'addressRange' | 'origin';

/** What stands under `x-castling` in the schema of a key: for this program, and for people who read the published schema. */
export interface KeyNotes {
  readonly kind: KindName;
  readonly change?: Change;
  readonly derived?: string;
  readonly flag?: string;
  readonly secret?: Secret;
  /** Of `…File`: the key whose value the file holds. */
  readonly secretFileOf?: string;
  /** Bounds in the unit of the read value (milliseconds, bytes), where JSON Schema has none for the written form. */
  readonly least?: number;
  readonly most?: number;
  /** What a value is, as the end of the sentence “give …”. */
  readonly expected: string;
}

/** A schema as the reader sees it: JSON Schema keywords, and our notes. */
export interface KeySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly patternProperties?: Readonly<Record<string, KeySchema>>;
  readonly items?: KeySchema;
  readonly maxItems?: number;
  readonly anyOf?: readonly KeySchema[];
  readonly 'x-castling'?: KeyNotes;
  readonly '~optional'?: unknown;
}

export function schemaOf(schema: TSchema): KeySchema {
  return schema as KeySchema;
}

/** Makes a key: `schema` describes the written form, `Value` is what the program gets. */
export function keyOf<Value>(
  schema: object,
  about: Partial<About<unknown>>,
  notes: Pick<KeyNotes, 'kind' | 'expected' | 'least' | 'most'>,
): TUnsafe<Value> {
  const { description, default: byDefault, ...rest } = about;
  return Type.Unsafe<Value>({
    ...schema,
    ...(description !== undefined && { description }),
    ...(byDefault !== undefined && { default: byDefault }),
    'x-castling': { ...rest, ...notes } satisfies KeyNotes,
  });
}
