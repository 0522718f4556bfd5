/** Whether a stored answer may be used for a request without asking the upstream (RFC 9111 section 4, RFC 5861). */
import { type Fields, fieldTokens } from '../fields.ts';
import { type Directives, readCacheControl } from './cache-control.ts';
import type { CacheStatus } from './cache-status.ts';
import { currentAge, type FreshnessPolicy, freshnessLifetime } from './freshness.ts';
import type { StoredHead } from './stored-response.ts';

export interface Judgement {
  /**
   * `use`: as it is. `use-and-refresh`: as it is, and the upstream is asked besides. `validate`: the upstream is asked first.
   */
  readonly verdict: 'use' | 'use-and-refresh' | 'validate';
  /** Seconds. */
  readonly age: number;
  /** Seconds for which it is fresh; below 0, for how long it has been stale. */
  readonly ttl: number;
  readonly detail?: NonNullable<CacheStatus['detail']>;
  /** It is never fresh: each request has to be validated for itself, so none can wait for another's. */
  readonly isNeverFresh: boolean;
  /** Seconds for which it may be used in place of an error, and while nobody answers. */
  readonly onError: number;
  readonly whenDisconnected: number;
}

export interface StalePolicy extends FreshnessPolicy {
  /** Seconds for which a stale answer is used while the upstream cannot be reached at all (section 4.2.4). */
  readonly disconnectedMost: number;
}

/** The request's directives; `Pragma: no-cache` counts where there are none (section 5.4). */
export function requestDirectives(fields: Fields): Directives {
  const directives = readCacheControl(fields);
  if (fields['cache-control'] !== undefined) return directives;
  return fieldTokens(fields, 'pragma').includes('no-cache') ? { ...directives, noCache: true } : directives;
}

export function judge(
  head: StoredHead,
  request: Directives,
  { now, isGuessable, policy }: { now: number; isGuessable: boolean; policy: StalePolicy },
): Judgement {
  const response = readCacheControl(head.fields);
  const age = currentAge(head, now);
  const lifetime = freshnessLifetime(head, { ...policy, isGuessable });
  const ttl = lifetime - age;
  // s-maxage has the meaning of proxy-revalidate for a shared cache (section 5.2.2.10).
  const { mustRevalidate, proxyRevalidate, sMaxAge, noCache } = response;
  const isNeverStale = noCache || mustRevalidate || proxyRevalidate || sMaxAge !== undefined;
  const allowed = (seconds: number | undefined) => (isNeverStale ? 0 : (seconds ?? 0));
  const common = {
    age,
    ttl,
    isNeverFresh: noCache || lifetime === 0,
    onError: allowed(response.staleIfError ?? request.staleIfError),
    whenDisconnected: allowed(policy.disconnectedMost),
  };
  if (request.noCache || noCache) return { ...common, verdict: 'validate' };
  const isTooOld = request.maxAge !== undefined && age > request.maxAge && request.maxStale === undefined;
  if (isTooOld) return { ...common, verdict: 'validate' };
  if (ttl > 0) {
    const isFreshEnough = ttl >= (request.minFresh ?? 0);
    return { ...common, verdict: isFreshEnough ? 'use' : 'validate' };
  }
  if (-ttl <= allowed(request.maxStale) && request.maxStale !== undefined) {
    return { ...common, verdict: 'use', detail: 'max-stale' };
  }
  const isInWindow = -ttl <= allowed(response.staleWhileRevalidate);
  if (isInWindow && response.staleWhileRevalidate !== undefined && request.minFresh === undefined) {
    return { ...common, verdict: 'use-and-refresh', detail: 'stale-while-revalidate' };
  }
  return { ...common, verdict: 'validate' };
}
