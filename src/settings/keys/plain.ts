import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

/** A whole number; `unit` is a plural noun for messages: `messages`, `connections`. */
export function whole(
  about: Partial<About<number>> & { readonly least: number; readonly most: number; readonly unit?: string },
): TUnsafe<number> {
  const { least, most, unit, ...rest } = about;
  const expected = `a whole number from ${least} to ${most}${unit === undefined ? '' : ` (${unit})`}`;
  return keyOf({ type: 'integer', minimum: least, maximum: most }, rest, { kind: 'plain', expected });
}

/** A whole number, or the word `auto` for what suits the machine. */
export function wholeOrAuto(
  about: Partial<About<number | 'auto'>> & { readonly least: number; readonly most: number },
): TUnsafe<number | 'auto'> {
  const { least, most, ...rest } = about;
  const expected = `a whole number from ${least} to ${most}, or auto`;
  // Bounds count for numbers only, and the pattern for text only (JSON Schema validation, sections 6.2 and 6.3).
  const schema = { type: ['integer', 'string'], minimum: least, maximum: most, pattern: '^auto$' };
  return keyOf(schema, rest, { kind: 'plain', expected });
}

/** A number that may have a fraction. */
export function fraction(
  about: Partial<About<number>> & { readonly least: number; readonly most: number; readonly unit?: string },
): TUnsafe<number> {
  const { least, most, unit, ...rest } = about;
  const expected = `a number from ${least} to ${most}${unit === undefined ? '' : ` (${unit})`}`;
  return keyOf({ type: 'number', minimum: least, maximum: most }, rest, { kind: 'plain', expected });
}

export function port(about: Partial<About<number>>): TUnsafe<number> {
  const expected = 'a port: a number from 0 to 65535, where 0 takes a free one';
  return keyOf({ type: 'integer', minimum: 0, maximum: 65_535 }, about, { kind: 'plain', expected });
}

export function yesOrNo(about: Partial<About<boolean>>): TUnsafe<boolean> {
  return keyOf({ type: 'boolean' }, about, { kind: 'plain', expected: 'true or false' });
}

/** One line of text, without control characters. `expected` says what it is. */
export function text(
  about: Partial<About<string>> & {
    readonly expected: string;
    /** Characters. */
    readonly most?: number;
    /** Of the whole text. */
    readonly pattern?: string;
  },
): TUnsafe<string> {
  const { expected, most = 1024, pattern = '^[^\\u0000-\\u001f\\u007f]*$', ...rest } = about;
  return keyOf({ type: 'string', minLength: 1, maxLength: most, pattern }, rest, { kind: 'plain', expected });
}

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  about: Partial<About<Word>>,
): TUnsafe<Word> {
  const expected = words.length === 1 ? `“${words[0]}”` : `one of ${words.join(', ')}`;
  return keyOf({ type: 'string', enum: [...words] }, about, { kind: 'plain', expected });
}
