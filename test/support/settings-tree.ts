/** Random settings for property tests: mostly well-formed, with a mistake here and there. */
import fc from 'fast-check';
import type { KeySchema } from '../../src/settings/keys/key.ts';
import { settingsKeys } from '../../src/settings/settings-keys.ts';

/** A tree as it could stand in a file, with a few of all keys. */
export function settingsTree(): fc.Arbitrary<unknown> {
  const one = fc
    .constantFrom(...settingsKeys)
    .chain(({ path, schema }) => treeOf(schema).map((value) => ({ path, value })));
  return fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => {
    const root: Record<string, unknown> = {};
    for (const { path, value } of all) put(root, path, value);
    return root;
  });
}

function put(tree: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) tree[name] = value;
  else {
    tree[name] ??= {};
    put(tree[name] as Record<string, unknown>, rest, value);
  }
}

function treeOf(schema: KeySchema): fc.Arbitrary<unknown> {
  if (schema.properties !== undefined) {
    const keys = Object.entries(schema.properties).map(([name, child]) => [name, treeOf(child)] as const);
    return fc.record(Object.fromEntries(keys), { requiredKeys: [] });
  }
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(treeOf));
  if (schema.items !== undefined) return fc.array(treeOf(schema.items), { maxLength: 3 });
  const [named] = Object.values(schema.patternProperties ?? {});
  if (named !== undefined)
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/), treeOf(named), { maxKeys: 3 });
  return fc.oneof(
    { weight: 30, arbitrary: plausible(schema) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
}

function plausible({
  type,
  enum: words,
  minimum = 0,
  maximum = 1_000,
  default: byDefault,
  'x-castling': notes,
}: KeySchema) {
  if (words !== undefined) return fc.constantFrom(...words);
  switch (type) {
    case 'integer':
      return fc.integer({ min: minimum, max: maximum });
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    default:
      return byDefault === undefined
        ? textOf(notes?.kind)
        : fc.oneof(fc.constant(byDefault), textOf(notes?.kind));
  }
}

function textOf(kind: string | undefined): fc.Arbitrary<string> {
  switch (kind) {
    case 'duration':
      return fc
        .tuple(fc.nat({ max: 600 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'))
        .map((parts) => parts.join(''));
    case 'size':
      return fc
        .tuple(fc.nat({ max: 600 }), fc.constantFrom('B', 'KiB', 'MiB'))
        .map((parts) => parts.join(''));
    case 'address':
      return fc.tuple(fc.domain(), fc.nat({ max: 70_000 })).map((parts) => parts.join(':'));
    case 'origin':
      return fc.domain().map((host) => `https://${host}`);
    default:
      return fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constant('sqlite:/data/x.db'));
  }
}
