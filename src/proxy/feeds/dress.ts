/**
 * Puts display names where the link has pseudonyms. Only the places that the link's types name are touched: the
 * state and the moves of a game may hold a `player` of their own.
 */
import type { Pseudonym } from '../../protocol/ids.ts';
import type {
  LinkEvent,
  LinkListItem,
  LinkSnapshot,
  PseudonymousSeat,
} from '../../protocol/link-messages.ts';
import type { MatchEvent, MatchListItem, MatchSnapshot } from '../../protocol/player-messages.ts';
import type { NameOf } from './display-names.ts';

export function playersOfEvent(event: LinkEvent): Pseudonym[] {
  return event.type === 'joined' ? [event.player] : [];
}

export function playersOfSeats(seats: readonly PseudonymousSeat[]): Pseudonym[] {
  return seats.flatMap(({ player }) => (player === null ? [] : [player]));
}

export function dressEvent(event: LinkEvent, nameOf: NameOf): MatchEvent {
  if (event.type !== 'joined') return event as MatchEvent;
  const { player, ...rest } = event;
  return { ...rest, ...nameOf(player) };
}

function dressSeats(seats: readonly PseudonymousSeat[], nameOf: NameOf): MatchSnapshot['seats'] {
  return seats.map(({ seat, player }) => ({ seat, ...(player === null ? { name: null } : nameOf(player)) }));
}

export function dressSnapshot(snapshot: LinkSnapshot, nameOf: NameOf): MatchSnapshot {
  return { ...snapshot, seats: dressSeats(snapshot.seats, nameOf) };
}

export function dressListItem(item: LinkListItem, nameOf: NameOf): MatchListItem {
  return { ...item, seats: dressSeats(item.seats, nameOf) };
}
