import type { LinkEvent, LinkSnapshot } from '../../protocol/link-messages.ts';

/**
 * A match's snapshot after one more event of its stream, as the backend would show it; `undefined` when the event does not tell
 * enough. Events carry the state as their audience sees it, so that no rules are needed here.
 */
export function snapshotAfter(before: LinkSnapshot, event: LinkEvent): LinkSnapshot | undefined {
  const { seq } = event;
  if (seq !== before.seq + 1) return undefined;
  switch (event.type) {
    case 'created':
    case 'joined':
      // Followers are told the name of who joins, not the pseudonym that a snapshot has.
      return undefined;
    case 'started':
      return { ...before, seq, status: 'playing', state: event.state, turn: event.turn };
    case 'moved': {
      // One's own offer stays open while one moves; to move instead of answering declines the opponent's.
      const drawOffer = before.drawOffer === event.seat ? before.drawOffer : null;
      return { ...before, seq, state: event.state, turn: event.turn, drawOffer };
    }
    case 'drawOffered':
      return { ...before, seq, drawOffer: event.seat };
    case 'drawDeclined':
    case 'drawAccepted':
      return { ...before, seq, drawOffer: null };
    case 'ended':
      return { ...before, seq, status: 'over', turn: null, drawOffer: null, result: event.result };
    case 'resigned':
    case 'rematchOffered':
    case 'rematchAgreed':
      return { ...before, seq };
  }
}
