/** Conditions in requests, as far as a cache answers them (RFC 9110 section 13, RFC 9111 section 4.3). */
import { type Fields, fieldValue } from '../fields.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * Fields of a request that make its answer depend on what the client has, or ask for a part of it. `If-Match` and `If-Unmodified-Since` are for the
 * upstream alone (RFC 9111 section 4.3.2).
 */
export const validationFields = ['if-none-match', 'if-modified-since'] as const;
export const partFields = ['range', 'if-range'] as const;
export const upstreamConditions = ['if-match', 'if-unmodified-since'] as const;

/**
 * Whether the client has this answer already and is told so by 304. `If-None-Match` counts alone when it is there (RFC 9110
 * section 13.2.2).
 */
export function isNotModified(
  request: Fields,
  { status, fields, receivedAt }: { status: number; fields: Fields; receivedAt: number },
): boolean {
  if (status !== 200) return false;
  const condition = fieldValue(request, 'if-none-match');
  if (condition !== undefined) return matchesWeakly(condition, fieldValue(fields, 'etag'));
  const since = parseHttpDate(fieldValue(request, 'if-modified-since'), receivedAt);
  if (since === undefined) return false;
  // RFC 9111 section 4.3.2: without Last-Modified, the Date stands in, and without that the time of receipt.
  const modified =
    parseHttpDate(fieldValue(fields, 'last-modified'), receivedAt) ??
    parseHttpDate(fieldValue(fields, 'date'), receivedAt) ??
    receivedAt;
  return modified <= since;
}

/** The conditions under which a stored answer is confirmed by 304 (RFC 9111 section 4.3.1); `undefined` without a validator. */
export function validators(stored: Fields): Fields | undefined {
  const etag = fieldValue(stored, 'etag');
  const lastModified = fieldValue(stored, 'last-modified');
  if (etag === undefined && lastModified === undefined) return undefined;
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

/** Whether a 304 speaks about this stored answer (RFC 9111 section 4.3.4): if it has a tag, it must be the same one. */
export function confirms(validation: Fields, stored: Fields): boolean {
  const tag = fieldValue(validation, 'etag');
  if (tag === undefined) return true;
  const mine = fieldValue(stored, 'etag');
  if (mine === undefined) return false;
  return tag.startsWith('W/') ? opaque(tag) === opaque(mine) : tag === mine;
}

/**
 * Whether the answer to HEAD is about the stored answer to GET (RFC 9111 section 4.3.5): the same validators and the same
 * length, as far as both say.
 */
export function agrees(head: Fields, stored: Fields, storedBytes: number): boolean {
  const length = fieldValue(head, 'content-length');
  if (length !== undefined && Number(length) !== storedBytes) return false;
  return ['etag', 'last-modified'].every((name) => {
    const one = fieldValue(head, name);
    return one === undefined || one === fieldValue(stored, name);
  });
}

/** RFC 9110 section 8.8.3.2, weak comparison. Tags may have commas in them. */
function matchesWeakly(condition: string, etag: string | undefined): boolean {
  if (condition.trim() === '*') return true;
  if (etag === undefined) return false;
  const mine = opaque(etag);
  return (condition.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []).some((tag) => opaque(tag) === mine);
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}
