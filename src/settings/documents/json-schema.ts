import { type KeySchema, schemaOf } from '../keys/key.ts';
import { settingsSchema } from '../schema.ts';
import { effectText } from './effect-text.ts';

type Json = { readonly [key: string]: unknown };

/**
 * The schema of `castling.yaml` for editors: JSON Schema draft 7, which their YAML plugins know best. It says less than the
 * reader checks (bounds of times and sizes, rules between keys), and never more.
 */
export function jsonSchema(): Json {
  const { $id: _, ...schema } = published(schemaOf(settingsSchema), false);
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

/** `isItem`: inside a list or a named set, where keys without default must be given. */
function published(schema: KeySchema, isItem: boolean): Json {
  const { properties, patternProperties, items, anyOf, 'x-castling': notes, ...rest } = schema;
  const { required: _, ...keywords } = JSON.parse(JSON.stringify(rest)) as Json;
  const within = isItem || notes !== undefined;
  const children = (all: Readonly<Record<string, KeySchema>>) =>
    Object.fromEntries(Object.entries(all).map(([name, child]) => [name, published(child, within)]));
  const required = within
    ? Object.entries(properties ?? {}).flatMap(([name, child]) => (mustBeGiven(child) ? [name] : []))
    : [];
  return {
    ...keywords,
    ...(notes !== undefined && {
      description: [schema.description, effectText(schema)].filter(Boolean).join(' '),
    }),
    ...(properties && { properties: children(properties) }),
    ...(required.length > 0 && { required }),
    ...(patternProperties && { patternProperties: children(patternProperties) }),
    ...(items && { items: published(items, true) }),
    ...(anyOf && { anyOf: anyOf.map((form) => published(form, true)) }),
  };
}

function mustBeGiven(schema: KeySchema): boolean {
  return schema.default === undefined && schema['~optional'] === undefined;
}
