/** One part of a stored answer (RFC 9110 section 14, RFC 9111 section 4). */
import { type Fields, fieldValue } from '../fields.ts';
import { parseHttpDate } from './http-date.ts';
import type { StoredHead } from './stored-response.ts';

export type RangeVerdict =
  /** The whole answer: no range was asked for, or one that may be ignored (section 14.2). */
  | { readonly kind: 'whole' }
  /** Bytes from `first` to `last`, both included. */
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' };

const whole: RangeVerdict = { kind: 'whole' };

/**
 * @param request a GET's fields
 * @param stored a complete answer with status 200
 * @param length its bytes
 */
export function rangeOf(
  request: Fields,
  stored: Pick<StoredHead, 'fields' | 'receivedAt'>,
  length: number,
): RangeVerdict {
  const asked = fieldValue(request, 'range');
  if (asked === undefined) return whole;
  const condition = fieldValue(request, 'if-range');
  if (condition !== undefined && !ifRangeHolds(condition.trim(), stored)) return whole;
  // Several ranges would be answered in parts of a multipart body; whoever asks must be ready for the whole, too.
  const { first, last, suffix } = /^bytes=(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))$/i.exec(asked.trim())
    ?.groups ?? { first: undefined, last: undefined, suffix: undefined };
  if (suffix !== undefined) {
    const wanted = Number(suffix);
    if (wanted === 0 || length === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', first: Math.max(0, length - wanted), last: length - 1 };
  }
  if (first === undefined) return whole;
  const from = Number(first);
  const to = last === undefined || last === '' ? length - 1 : Number(last);
  if (last !== '' && to < from) return whole;
  if (from >= length) return { kind: 'unsatisfiable' };
  return { kind: 'part', first: from, last: Math.min(to, length - 1) };
}

/** Section 13.1.5: a strong tag that is the same, or the very date of the last modification. */
function ifRangeHolds(
  condition: string,
  { fields, receivedAt }: Pick<StoredHead, 'fields' | 'receivedAt'>,
): boolean {
  if (/^(?:W\/)?"/.test(condition)) {
    return condition.startsWith('"') && condition === fieldValue(fields, 'etag');
  }
  const modified = fieldValue(fields, 'last-modified')?.trim();
  if (modified === undefined || condition !== modified) return false;
  // Section 8.8.2.2: a date tells two versions apart only if the answer is at least a second younger.
  const modifiedAt = parseHttpDate(modified, receivedAt);
  const date = parseHttpDate(fieldValue(fields, 'date'), receivedAt);
  return modifiedAt !== undefined && date !== undefined && date - modifiedAt >= 1000;
}
