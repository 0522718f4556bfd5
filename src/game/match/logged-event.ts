/**
 * What the log keeps: events with the whole truth in them. These are not what anybody may be shown, and their
 * types do not fit where a `LinkEvent` is wanted (`whole` here, `state` there), so that a leak does not
 * compile; `view.ts` is the way from one to the other.
 */
import type { CommandId, GameId, InviteCode, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import type { MatchResult, Seat, Visibility } from '../../protocol/player-messages.ts';

/**
 * Which command of which player caused an event. `digest` tells a repeated command from another one with the
 * same id.
 */
export interface Cause {
  readonly player: Pseudonym;
  readonly command: CommandId;
  readonly digest: string;
}

/** What happened, before it has a place and a time. */
export type Happening =
  | {
      readonly type: 'created';
      readonly game: GameId;
      readonly visibility: Visibility;
      readonly seats: number;
      readonly code?: InviteCode;
    }
  | { readonly type: 'joined'; readonly seat: Seat; readonly player: Pseudonym; readonly cause?: Cause }
  | { readonly type: 'started'; readonly whole: Json; readonly turn: Seat | null }
  | {
      readonly type: 'moved';
      readonly seat: Seat;
      readonly move: Json;
      readonly whole: Json;
      readonly turn: Seat | null;
      readonly cause: Cause;
    }
  | {
      readonly type: 'drawOffered' | 'drawDeclined' | 'drawAccepted' | 'resigned' | 'rematchOffered';
      readonly seat: Seat;
      readonly cause: Cause;
    }
  | { readonly type: 'ended'; readonly result: MatchResult; readonly cause?: Cause }
  | { readonly type: 'rematchAgreed'; readonly next: MatchId };

/** `seq` counts from 1 without a gap; `at` is in Unix milliseconds and never goes back within a match. */
export type LoggedEvent = Happening & { readonly seq: number; readonly at: number };

/** The command behind an event, if a player's command was directly behind it. */
export function causeOf(event: Happening): Cause | undefined {
  return 'cause' in event ? event.cause : undefined;
}
