/**
 * Which backend owns what: rendezvous hashing over the members of the current epoch. Backends and proxies work it out
 * alike, so this is part of the link's contract (LINK.md).
 */
import type { GameId, MatchId } from './ids.ts';
import { rendezvousOwner } from './rendezvous.ts';

/** A backend that counts: where proxies reach it, which is also what tells it from the others. */
export interface Member {
  /** `HOST:PORT` of its link. */
  readonly id: string;
}

/** The live backends, and the version of that list: it grows with every change. */
export interface Membership {
  readonly epoch: number;
  readonly members: readonly Member[];
}

/** What is owned. A game's lobby is in one place, so that two players who search meet. */
export type OwnershipKey = MatchId | `lobby ${string}`;

export function lobbyKey(game: GameId): OwnershipKey {
  return `lobby ${game}`;
}

/** The id of the member that owns `key`; `undefined` where there are no members. */
export function ownerOf(key: OwnershipKey, { members }: Membership): string | undefined {
  return members.length === 1 ? members[0]?.id : rendezvousOwner(key, members)?.id;
}
