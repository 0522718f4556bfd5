/** What the cache did about a request, as `Cache-Status` says it (RFC 9211). */
import { type Fields, fieldValue } from '../fields.ts';
import type { UpstreamFault } from '../upstream-fault.ts';

/** Why a request went on to the upstream (section 2.2). */
export type Forwarded =
  | 'bypass'
  | 'method'
  | 'uri-miss'
  | 'vary-miss'
  | 'miss'
  | 'request'
  | 'stale'
  | 'partial';

export interface CacheStatus {
  readonly hit?: boolean;
  readonly forwarded?: Forwarded;
  /** The status that the upstream answered with, where the client gets another. */
  readonly forwardedStatus?: number;
  /** The answer is kept. */
  readonly stored?: boolean;
  /** The request waited for another one like it. */
  readonly collapsed?: boolean;
  /** Seconds for which it is still fresh; below 0, for how long it has been stale. */
  readonly ttl?: number;
  readonly detail?: 'stale-while-revalidate' | 'stale-if-error' | 'max-stale' | 'disconnected';
}

/** The member of this cache, in the order of the RFC's parameters. */
function cacheStatusMember(status: CacheStatus): string {
  const { hit, forwarded, forwardedStatus, ttl, stored, collapsed, detail } = status;
  return [
    'castling',
    hit === true && 'hit',
    forwarded !== undefined && `fwd=${forwarded}`,
    forwardedStatus !== undefined && `fwd-status=${forwardedStatus}`,
    ttl !== undefined && `ttl=${Math.trunc(ttl)}`,
    stored === true && 'stored',
    collapsed === true && 'collapsed',
    detail !== undefined && `detail=${detail}`,
  ]
    .filter((part) => part !== false)
    .join('; ');
}

/** The same where there is no answer but the proxy's own word for why. */
export function faultWithCacheStatus(fault: UpstreamFault, status: CacheStatus): UpstreamFault {
  return { ...fault, fields: { ...fault.fields, 'cache-status': cacheStatusMember(status) } };
}

/** The answer's fields with this cache's member at the end of the list: nearest to the client comes last (section 2). */
export function withCacheStatus(fields: Fields, status: CacheStatus): Fields {
  const before = fieldValue(fields, 'cache-status');
  const member = cacheStatusMember(status);
  return { ...fields, 'cache-status': before === undefined ? member : `${before}, ${member}` };
}
