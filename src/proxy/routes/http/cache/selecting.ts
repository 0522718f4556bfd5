/** Which stored answer is for a request (RFC 9111 section 4.1). */
import { createHash } from 'node:crypto';
import { type Fields, fieldTokens, fieldValue } from '../fields.ts';
import type { Selection, StoredResponse } from './stored-response.ts';

/** What a cache needs to know about who asks. */
export interface Asker {
  /** The player's pseudonym; empty for who is not signed in. */
  readonly owner: string;
  /** The request as the upstream gets it, without the assertion of who asks. */
  readonly fields: Fields;
}

/** Whether an answer varies by something that no later request can be compared in. */
export function variesByAnything(fields: Fields): boolean {
  return fieldTokens(fields, 'vary').includes('*');
}

/** The fields that an answer names in `Vary`, and these, sorted, each once. */
export function varyNames(fields: Fields, besides: readonly string[]): string[] {
  return [...new Set([...fieldTokens(fields, 'vary'), ...besides])].toSorted();
}

/** Values are kept as a digest: a cookie may be among them, and a file of answers must not hold it. */
export function selectionFor(names: readonly string[], { owner, fields }: Asker): Selection {
  return { owner, names, digest: digestOf(names, fields) };
}

/** The stored answer for this request: of several, the most recent (RFC 9111 section 4). */
export function select<Each extends Pick<StoredResponse, 'head'>>(
  stored: readonly Each[],
  asker: Asker,
): Each | undefined {
  let found: Each | undefined;
  for (const each of stored) {
    const { selection, receivedAt } = each.head;
    if (selection.owner !== '' && selection.owner !== asker.owner) continue;
    if (found !== undefined && found.head.receivedAt >= receivedAt) continue;
    if (selection.digest !== digestOf(selection.names, asker.fields)) continue;
    found = each;
  }
  return found;
}

function digestOf(names: readonly string[], fields: Fields): string {
  if (names.length === 0) return '';
  const hash = createHash('sha256');
  for (const name of names) {
    const value = fieldValue(fields, name);
    // White space around members of a list means nothing; absent and empty are two things.
    hash.update(value === undefined ? '\0-' : `\0+${value.trim().replaceAll(/\s*,\s*|\s+/g, separator)}`);
  }
  return hash.digest('base64url');
}

function separator(text: string): string {
  return text.includes(',') ? ',' : ' ';
}
