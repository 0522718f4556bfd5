import type { KeyNotes, KeySchema } from '../keys/key.ts';

/** One key of the schema that is set as one: a value, a list, or a named set. */
export interface KnownKey {
  /** Dotted: `proxy.port`. */
  readonly key: string;
  readonly path: readonly string[];
  readonly schema: KeySchema;
  readonly notes: KeyNotes;
  /** `CASTLING_PROXY_PORT`. */
  readonly variable: string;
  /** What the sections say in which it stands, the outermost left out. */
  readonly within: readonly string[];
}

/** Whether the keys below belong to a section, and not to the item of a list or a set. */
export function isSection(schema: KeySchema): boolean {
  return schema.properties !== undefined && schema['x-castling'] === undefined;
}

/** All keys, in the order of the schema. */
export function keysOf(
  schema: KeySchema,
  path: readonly string[] = [],
  within: readonly string[] = [],
): KnownKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const childPath = [...path, name];
    if (isSection(child)) {
      return keysOf(child, childPath, path.length === 0 ? [] : [...within, child.description ?? '']);
    }
    const notes = child['x-castling'];
    if (notes === undefined) throw new TypeError(`${childPath.join('.')} has no notes.`);
    return [
      {
        key: childPath.join('.'),
        path: childPath,
        schema: child,
        notes,
        variable: variableOf(childPath),
        within,
      },
    ];
  });
}

/** `proxy.adminPort` → `CASTLING_PROXY_ADMIN_PORT`. */
function variableOf(path: readonly string[]): string {
  const words = path.map((name) => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase());
  return `CASTLING_${words.join('_')}`;
}
