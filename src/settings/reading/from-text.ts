import type { KeySchema } from '../keys/key.ts';
import type { Located, Place, Problem } from './located.ts';
import { readYamlFragment } from './read-yaml.ts';

export type TextReading =
  | { readonly ok: true; readonly value: Located }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * A value that somebody gave as text, in an environment variable or a flag. Where the schema wants text, it is taken as it is;
 * a list of texts may be written with commas; everything else is written as in the file, in one line (`[{…}, {…}]`).
 */
export function fromText(
  text: string,
  { schema, at }: { readonly schema: KeySchema; readonly at: Place },
): TextReading {
  if (schema.type === 'string') return { ok: true, value: { kind: 'scalar', at, value: text } };
  if (schema.items?.type === 'string' && !text.trimStart().startsWith('[')) {
    const words = text.split(',').map((word) => word.trim());
    const items = words
      .filter((word) => word !== '')
      .map((value): Located => ({ kind: 'scalar', at, value }));
    return { ok: true, value: { kind: 'list', at, items } };
  }
  const reading = readYamlFragment(text, at);
  return reading.ok ? { ok: true, value: reading.root } : reading;
}
