import { ClientError } from '../../client-error.ts';
import { timeAhead } from '../parts/time-ago.ts';
import { PasskeyError } from '../session/web-authn.ts';
import type { Words } from './words.ts';

/** What went wrong, as a sentence that a person can act on, in their language. */
export function explain(error: unknown, words: Words): string {
  if (error instanceof PasskeyError) return words.passkeys[error.fault];
  if (!(error instanceof ClientError)) return words.errors.unknown;
  const { refusal } = error;
  if (refusal === undefined) {
    return error.code === 'refused' ? words.errors.unknown : words.errors[error.code];
  }
  const known =
    wordFor(words.problems, refusal.rule) ??
    wordFor(words.problems, refusal.code, error.httpStatus !== undefined) ??
    wordFor(words.refusals, refusal.code) ??
    wordFor(words.problems, refusal.code);
  // A code that is newer than this page: the server's own sentence is better than none.
  if (known === undefined) return refusal.reason;
  if (refusal.code === 'internal' || refusal.code === 'internal_error') {
    return refusal.requestId === undefined ? known : words.errors.withId(known, refusal.requestId);
  }
  const seconds = Math.ceil((refusal.retryAfterMs ?? 0) / 1000);
  return seconds > 0 ? words.errors.retryIn(known, timeAhead(seconds, words)) : known;
}

function wordFor(
  catalogue: Readonly<Record<string, string>>,
  key: string | undefined,
  applies = true,
): string | undefined {
  return applies && key !== undefined && Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
}
