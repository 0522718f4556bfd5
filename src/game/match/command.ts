import { hash } from 'node:crypto';
import type { CommandId, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import type { Seat } from '../../protocol/player-messages.ts';
import type { Cause } from './logged-event.ts';

/** What a player asks of one match. */
export type MatchCommand = Wish & { readonly cause: Cause };

type Wish =
  | {
      readonly type: 'join';
      /** The player showed the match's invite code, which opens a private one. */
      readonly invited: boolean;
      /** Whether the player may hold one more seat. */
      readonly mayTakeSeat: boolean;
    }
  | { readonly type: 'move'; readonly seq: number; readonly move: Json; readonly seat?: Seat | undefined }
  | { readonly type: 'resign'; readonly seat?: Seat | undefined }
  | { readonly type: 'offerDraw' }
  | { readonly type: 'answerDraw'; readonly accept: boolean }
  | {
      readonly type: 'offerRematch';
      readonly mayTakeSeat: boolean;
      /** Whether each of the other seats' players may hold one more; asked when the agreement is complete. */
      readonly othersMayTakeSeat: boolean;
      /** The id that the next match gets if this offer is the one that completes the agreement. */
      readonly next: MatchId;
    }
  | { readonly type: 'leave' };

/**
 * Who asked, and under which idempotency key. The digest is of everything else that was said, in a form that
 * does not depend on the order of JSON members, so that the same command sent again is recognised and another
 * one is not.
 */
export function causeFor(
  player: Pseudonym,
  method: string,
  { commandId, ...rest }: { readonly commandId: CommandId } & { readonly [name: string]: unknown },
): Cause {
  const digest = hash('sha256', canonical([method, rest]), 'base64url').slice(0, 22);
  return { player, command: commandId, digest };
}

/** JSON with members sorted by name. Depth is bounded by whoever read the JSON. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
