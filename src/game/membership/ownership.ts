import type { Membership, OwnershipKey } from '../../protocol/ownership.ts';

/** A later epoch than the one that was known. */
export interface OwnershipChange {
  readonly view: Membership;
  /** Whether `key` is this backend's as it was before, with no epoch in between in which another could have written. */
  kept(key: OwnershipKey): boolean;
}

/** What a backend knows of who answers for what. */
export interface Ownership {
  readonly view: Membership;
  /** This backend's id. */
  readonly self: string;
  /** Whether this backend answers for `key` now. */
  owns(key: OwnershipKey): boolean;
  onChange(listener: (change: OwnershipChange) => void): void;
}

/** For a backend that has its store to itself, in tests and tools. */
export const soleOwner: Ownership = {
  view: { epoch: 0, members: [] },
  self: '',
  owns: () => true,
  onChange: () => {},
};
