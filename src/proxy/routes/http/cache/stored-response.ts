import type { Fields } from '../fields.ts';

/** An answer as a cache keeps it. */
export interface StoredHead {
  readonly status: number;
  /** End-to-end fields (RFC 9111 section 3.1), as the upstream sent them. */
  readonly fields: Fields;
  /** Unix milliseconds: when the request for it left, and when its header came. */
  readonly requestedAt: number;
  readonly receivedAt: number;
  readonly selection: Selection;
}

/** Which requests a stored answer may be for, beside those for its address. */
export interface Selection {
  /** The pseudonym of the one player who may get it; empty for everybody. */
  readonly owner: string;
  /** The request fields that the answer varies by (RFC 9111 section 4.1), and a digest of their values then. */
  readonly names: readonly string[];
  readonly digest: string;
}

export interface StoredResponse {
  readonly head: StoredHead;
  readonly bodyBytes: number;
  /** `undefined` when it has gone since. */
  body(): Buffer | undefined;
}

/** What a cache key is made of: the route's name, and the path with the query, as the upstream gets it. */
export interface CacheAddress {
  readonly route: string;
  readonly target: string;
}

/** Keeps answers, as many as its bounds allow, the least recently used ones going first. All calls are synchronous. */
export interface CacheStore {
  /** All answers for an address. */
  list(address: CacheAddress): readonly StoredResponse[];
  /** Keeps an answer in place of the one for the same selection. Does nothing with one over the bound for one. */
  put(address: CacheAddress, head: StoredHead, body: Buffer): void;
  /** Puts a newer head on a stored answer. */
  update(address: CacheAddress, head: StoredHead): void;
  /** Forgets the answers for an address; of one selection, or of all. */
  delete(address: CacheAddress, selection?: Selection): void;
  /** Forgets all answers of a route whose target begins so; gives how many. */
  purge(route: string, prefix: string): number;
  readonly size: { readonly responses: number; readonly bytes: number };
  close(): void;
}

/** Both stores keep at most this many answers for one address: a stranger chooses the fields that they vary by. */
export const selectionsMost = 32;

export interface CacheBounds {
  /** Bytes of all answers, heads included. */
  readonly bytes: number;
  /** Bytes of one body. */
  readonly bodyBytes: number;
}

export function isSameSelection(one: Selection, other: Selection): boolean {
  return (
    one.owner === other.owner &&
    one.digest === other.digest &&
    one.names.length === other.names.length &&
    one.names.every((name, index) => name === other.names[index])
  );
}
