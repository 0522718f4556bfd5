/** What the parts of the cache know about a request, and what they share. */
import type { Answer, Fetch } from '../exchange.ts';
import type { StalePolicy } from './judge.ts';
import type { RecordingBudget } from './recording.ts';
import type { StorableRequest } from './storable.ts';
import type { CacheAddress, CacheBounds, CacheStore } from './stored-response.ts';

/** A request, and the ways to the upstream and to the client. */
export interface CacheAsk extends StorableRequest {
  readonly address: CacheAddress;
  readonly method: string;
  readonly fetch: Fetch;
  readonly answer: Answer;
  /** The target that a `Location` of this upstream means; `undefined` when it leads elsewhere. */
  readonly targetOf: (reference: string) => string | undefined;
}

export type CacheResult = 'hit' | 'miss' | 'stale' | 'validated' | 'collapsed' | 'bypass';

/** What the cache and its fills share. */
export interface CacheParts {
  readonly store: CacheStore;
  readonly bounds: CacheBounds;
  readonly policy: StalePolicy;
  readonly budget: RecordingBudget;
  readonly now: () => number;
  count(ask: CacheAsk, result: CacheResult): void;
  /** An answer could not be kept: for a while nobody waits for one like it. */
  notKept(ask: CacheAsk): void;
}
