import type { MatchEvent } from '../../../protocol/player-messages.ts';
import type { MatchState } from '../../match-state.ts';
import type { WebGame } from '../games/index.ts';
import { headlineOf, nameOf, type Reader } from './headline.ts';

export interface Announcing extends Reader {
  /** After the event. */
  readonly state: MatchState;
  readonly game: WebGame | undefined;
}

/** What a screen reader says about an event; empty for one that says nothing by itself. */
export function announcementOf(event: MatchEvent, { state, game, seat, words }: Announcing): string {
  const texts = words.announce;
  const isYourMove = state.turn !== null && state.turn === seat;
  switch (event.type) {
    case 'joined':
      return event.seat === seat ? '' : texts.joined(nameOf(state, event.seat, words));
    case 'started':
      return isYourMove ? `${texts.started} ${texts.yourMove}` : texts.started;
    case 'moved': {
      const move = game?.nameMove(event.move, words) ?? '';
      const played =
        event.seat === seat ? texts.youPlayed(move) : texts.played(nameOf(state, event.seat, words), move);
      return isYourMove ? `${played} ${texts.yourMove}` : played;
    }
    case 'drawOffered':
      return event.seat === seat ? '' : texts.drawOffered(nameOf(state, event.seat, words));
    case 'drawDeclined':
      return event.seat === seat ? '' : texts.drawDeclined(nameOf(state, event.seat, words));
    case 'ended': {
      const { text, reason } = headlineOf(state, { seat, words });
      return texts.ended(text, reason);
    }
    case 'rematchOffered':
      return event.seat === seat ? '' : texts.wantsRematch(nameOf(state, event.seat, words));
    default:
      return '';
  }
}
