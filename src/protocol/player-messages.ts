/** The types of the player protocol, derived from its schemas. Importing this file costs a browser nothing. */
import type { Static, TSchema } from 'typebox';
import type * as schemas from './player-schemas.ts';
import type { RefusalCode } from './refusals.ts';

export type Method = keyof typeof schemas.methods;
export type ParamsOf<M extends Method> = Static<(typeof schemas.methods)[M]['params'] & TSchema>;
export type ResultOf<M extends Method> = Static<(typeof schemas.methods)[M]['result'] & TSchema>;

export type Notification = keyof typeof schemas.notifications;
export type NotificationParams<N extends Notification> = Static<
  (typeof schemas.notifications)[N]['params'] & TSchema
>;

export type MatchEvent = Static<typeof schemas.MatchEvent>;
export type MatchSnapshot = Static<typeof schemas.MatchSnapshot>;
export type MatchResult = Static<typeof schemas.MatchResult>;
export type MatchStatus = Static<typeof schemas.MatchStatus>;
export type MatchListItem = Static<typeof schemas.MatchListItem>;
export type Follow = Static<typeof schemas.Follow>;
export type SessionInfo = Static<typeof schemas.SessionInfo>;
export type ListName = Static<typeof schemas.ListName>;
export type Visibility = Static<typeof schemas.Visibility>;
export type Seat = number;

/** A JSON-RPC id as Castling accepts it: a string of at most 64 characters or a safe integer. */
export type RequestId = string | number;

/** One typed message from a player. */
export type PlayerRequest = {
  [M in Method]: { readonly id: RequestId; readonly method: M; readonly params: ParamsOf<M> };
}[Method];

/** The `error` member of a JSON-RPC answer. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: {
    readonly code: RefusalCode;
    readonly reason: string;
    readonly rule?: string;
    readonly retryAfterMs?: number;
    readonly missed?: readonly MatchEvent[];
    readonly requestId: string;
  };
}

/** The WebSocket subprotocol, and the path it lives at. */
export const playSubprotocol = 'castling.v1';
export const playPath = '/play';
