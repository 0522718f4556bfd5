/** Whether an answer may be kept, and for whom (RFC 9111 sections 3 and 3.5, for a shared cache). */
import { assertionField } from '../assertion-field.ts';
import { type Fields, fieldTokens } from '../fields.ts';
import { readCacheControl } from './cache-control.ts';
import { explicitLifetime, type FreshnessPolicy, freshnessLifetime, heuristicStatuses } from './freshness.ts';
import { type Asker, selectionFor, variesByAnything, varyNames } from './selecting.ts';
import type { Selection } from './stored-response.ts';

/** Statuses whose rules for caches are kept here, for `must-understand` (section 5.2.2.3). */
const understood: ReadonlySet<number> = new Set([
  ...heuristicStatuses,
  ...[302, 303, 307, 400, 401, 403, 421, 429, 451, 500, 502, 503, 504],
]);

export interface Candidate {
  readonly status: number;
  readonly fields: Fields;
  readonly receivedAt: number;
}

export interface StorableRequest extends Asker {
  /** The request shows who asks: an assertion, or a cookie of the upstream's. */
  readonly isCredentialed: boolean;
  readonly hasQuery: boolean;
  /** Fields that every answer is taken to vary by: upstreams get them by the operator's wish, and may not say that they read them. */
  readonly keyedBy: readonly string[];
}

/** The selection to keep the answer to a GET under; `undefined` when it must not, or need not, be kept. */
export function storableAs(
  candidate: Candidate,
  request: StorableRequest,
  policy: FreshnessPolicy,
): Selection | undefined {
  const { status, fields } = candidate;
  const directives = readCacheControl(fields);
  if (status < 200 || status === 206 || status === 304) return undefined;
  if (directives.mustUnderstand ? !understood.has(status) : directives.noStore) return undefined;
  if (directives.isPrivate || variesByAnything(fields)) return undefined;
  // A cookie is for the one who gets it, whatever else is said; so is what it belongs to.
  if (fields['set-cookie'] !== undefined) return undefined;
  if (!isWorthKeeping(candidate, request, policy)) return undefined;

  const names = varyNames(fields, request.keyedBy).filter((name) => name !== assertionField);
  const variesByPlayer = fieldTokens(fields, 'vary').includes(assertionField);
  // Section 3.5: what was asked for with credentials is for others only when the answer says so by name.
  const isForAll = !request.isCredentialed || directives.isPublic || directives.sMaxAge !== undefined;
  if (isForAll && !variesByPlayer) return selectionFor(names, { ...request, owner: '' });
  if (request.owner === '') return undefined;
  return selectionFor(names, request);
}

/** Whether it could ever be used: fresh for a while, usable when stale, or to be validated. */
function isWorthKeeping(
  candidate: Candidate,
  { hasQuery }: StorableRequest,
  policy: FreshnessPolicy,
): boolean {
  const { status, fields, receivedAt } = candidate;
  const directives = readCacheControl(fields);
  const { isPublic, noCache, staleWhileRevalidate = 0, staleIfError = 0 } = directives;
  const isExplicit = isPublic || explicitLifetime(fields, receivedAt, directives) !== undefined;
  if (!isExplicit && !heuristicStatuses.has(status)) return false;
  if (fields.etag !== undefined || fields['last-modified'] !== undefined) return true;
  if (noCache) return false;
  const lifetime = freshnessLifetime(candidate, { ...policy, isGuessable: !hasQuery });
  return lifetime > 0 || staleWhileRevalidate > 0 || staleIfError > 0;
}
