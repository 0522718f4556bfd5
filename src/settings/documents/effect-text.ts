import type { KeySchema } from '../keys/key.ts';

/** What is expected of a value, its default, and when a change takes effect: sentences for documents. */
export function effectText(schema: KeySchema): string {
  const notes = schema['x-castling'];
  if (notes === undefined) return '';
  const sentences = [`${notes.expected[0]?.toUpperCase()}${notes.expected.slice(1)}.`];
  const byDefault = defaultText(schema);
  if (byDefault !== undefined) sentences.push(`Default: ${byDefault}.`);
  if (notes.change !== undefined)
    sentences.push(notes.change === 'live' ? 'Changes at once.' : 'Changes at a restart.');
  return sentences.join(' ');
}

/** In words, or as it would stand in the file; `undefined` when there is none. */
export function defaultText(schema: KeySchema): string | undefined {
  const { derived } = schema['x-castling'] ?? {};
  if (derived !== undefined) return derived;
  return schema.default === undefined ? undefined : yamlText(schema.default);
}

/** A value in one line of YAML: JSON is YAML, and plain words need no quotes. */
export function yamlText(value: unknown): string {
  if (
    typeof value === 'string' &&
    /^[\w./-][\w./: -]*$/.test(value) &&
    !/: |^(true|false|null|~|[-+.\d][\d_.:eE]*)$/i.test(value)
  ) {
    return value;
  }
  return JSON.stringify(value);
}
