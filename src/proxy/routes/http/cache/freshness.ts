/** How old a stored answer is, and for how long it was fresh (RFC 9111 section 4.2). All results in seconds. */
import { type Fields, fieldValue } from '../fields.ts';
import { type Directives, readCacheControl } from './cache-control.ts';
import { parseHttpDate } from './http-date.ts';
import type { StoredHead } from './stored-response.ts';

/** Answers of these kinds may be kept without saying for how long (RFC 9110 section 15.1). 206 is never kept here. */
export const heuristicStatuses: ReadonlySet<number> = new Set([
  200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501,
]);

/** The share of the time since the last modification for which an answer that says nothing counts as fresh. */
const heuristicShare = 0.1;

export interface FreshnessPolicy {
  /** Seconds: no guess is longer (section 4.2.2). 0: nothing is fresh that does not say so. */
  readonly heuristicMost: number;
}

/** Section 4.2.3. What another cache says in `Age`, what the clocks say, and the time since; never below 0. */
export function currentAge({ fields, requestedAt, receivedAt }: StoredHead, now: number): number {
  const date = dateOf(fields, receivedAt);
  const apparentAge = Math.max(0, receivedAt - date);
  const correctedAge = ageValue(fields) * 1000 + (receivedAt - requestedAt);
  const residentTime = Math.max(0, now - receivedAt);
  return (Math.max(apparentAge, correctedAge) + residentTime) / 1000;
}

/**
 * Section 4.2.1: `s-maxage`, else `max-age`, else `Expires`, else a guess.
 *
 * @param isGuessable whether a guess may be made for this request's target: queries have long named changing things
 */
export function freshnessLifetime(
  head: Pick<StoredHead, 'status' | 'fields' | 'receivedAt'>,
  { heuristicMost, isGuessable }: FreshnessPolicy & { readonly isGuessable: boolean },
): number {
  const { status, fields, receivedAt } = head;
  const directives = readCacheControl(fields);
  const explicit = explicitLifetime(fields, receivedAt, directives);
  if (explicit !== undefined) return explicit;
  if (!isGuessable || !(heuristicStatuses.has(status) || directives.isPublic)) return 0;
  const modifiedAt = parseHttpDate(fieldValue(fields, 'last-modified'), receivedAt);
  if (modifiedAt === undefined) return 0;
  const unchangedFor = (dateOf(fields, receivedAt) - modifiedAt) / 1000;
  return Math.max(0, Math.min(heuristicMost, unchangedFor * heuristicShare));
}

/** The lifetime that the answer itself states; `undefined` when it states none. */
export function explicitLifetime(
  fields: Fields,
  receivedAt: number,
  { sMaxAge, maxAge }: Directives,
): number | undefined {
  const stated = sMaxAge ?? maxAge;
  if (stated !== undefined) return stated;
  const { expires } = fields;
  if (expires === undefined) return undefined;
  // Several lines, and what is no date ("0" above all), are over already (section 5.3).
  const expiresAt = typeof expires === 'string' ? parseHttpDate(expires, receivedAt) : undefined;
  return expiresAt === undefined ? 0 : Math.max(0, (expiresAt - dateOf(fields, receivedAt)) / 1000);
}

/** When the upstream says that it made the answer; without that, when it came (RFC 9110 section 6.6.1). */
function dateOf(fields: Fields, receivedAt: number): number {
  return parseHttpDate(fieldValue(fields, 'date'), receivedAt) ?? receivedAt;
}

/** Section 5.1: the first of several values counts, and one that is no number counts as none. */
function ageValue(fields: Fields): number {
  const first = (fieldValue(fields, 'age') ?? '').split(',')[0]?.trim() ?? '';
  return /^\d+$/.test(first) ? Math.min(2 ** 31, Number(first)) : 0;
}
