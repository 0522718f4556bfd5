/**
 * What the payloads of link frames hold, as types. LINK.md has the prose. Players appear as pseudonyms only: there is
 * no field here that could carry a name, an address or a token.
 */
import type { CommandId, GameId, InviteCode, MatchId, Pseudonym } from './ids.ts';
import type { Json } from './json.ts';
import type { Membership } from './ownership.ts';
import type { ListName, MatchResult, MatchStatus, Seat, Visibility } from './player-messages.ts';
import type { Refusal } from './refusals.ts';

/** ALPN protocol name of the link, and the DNS names in the two sides' certificates. */
export const linkAlpn = 'castling-link/1';
export const linkNames = {
  backend: 'backend.castling.internal',
  proxy: 'proxy.castling.internal',
} as const;

export const linkVersion = 1;

/** First frame from either side. */
export interface Hello {
  readonly version: number;
  readonly role: 'proxy' | 'backend';
  /** Distinguishes process lives: a new one after every start. */
  readonly instance: string;
  /** From the backend: requests that it lets wait for an answer at once on this connection. */
  readonly maxInFlight?: number;
  /** From the backend: the games that it knows. */
  readonly games?: readonly { readonly game: GameId; readonly title: string; readonly seats: number }[];
}

export interface GoAway {
  readonly reason: 'draining' | 'certificates_changed' | 'protocol_error';
  readonly text: string;
}

/** Who may see a stream of events: everybody, or one seat of a game with hidden information, or its spectators. */
export type Audience = 'all' | 'spectators' | `seat:${number}`;

/** A player as the link shows one. */
export interface PseudonymousSeat {
  readonly seat: Seat;
  readonly player: Pseudonym | null;
}

/** `MatchSnapshot` with pseudonyms where the player's copy has names. */
export interface LinkSnapshot {
  readonly match: MatchId;
  readonly game: GameId;
  readonly visibility: Visibility;
  readonly status: MatchStatus;
  readonly seq: number;
  readonly seats: readonly PseudonymousSeat[];
  readonly turn: Seat | null;
  readonly state: Json;
  readonly result: MatchResult | null;
  readonly drawOffer: Seat | null;
}

/** A channel's request: the methods of the player protocol that reach a backend, and what they carry. */
export interface LinkRequests {
  'lobby.find': { game: GameId; commandId: CommandId };
  'lobby.cancel': { game: GameId };
  'lobby.watch': Record<never, never>;
  'lobby.unwatch': Record<never, never>;
  'match.create': { game: GameId; visibility: Visibility; commandId: CommandId };
  'match.join': { match?: MatchId; code?: InviteCode; commandId: CommandId };
  'match.move': { match: MatchId; seq: number; commandId: CommandId; move: Json; seat?: Seat };
  'match.resign': { match: MatchId; commandId: CommandId; seat?: Seat };
  'match.offerDraw': { match: MatchId; commandId: CommandId };
  'match.answerDraw': { match: MatchId; commandId: CommandId; accept: boolean };
  'match.offerRematch': { match: MatchId; commandId: CommandId };
  'match.leave': { match: MatchId; commandId: CommandId };
  'match.watch': { match?: MatchId; code?: InviteCode };
  'match.list': { filter: ListName; game?: GameId; limit: number };
  'match.get': { match?: MatchId; code?: InviteCode };
  /** For resumes beyond what the proxy keeps: the events after `after`, as `audience` may see them. */
  'match.events': { match: MatchId; audience: Audience; after: number; limit: number };
}
export type LinkMethod = keyof LinkRequests;

/** Numbers for the `method` byte: a request frame carries it in its flags field. */
export const linkMethods = {
  'lobby.find': 1,
  'lobby.cancel': 2,
  'match.create': 3,
  'match.join': 4,
  'match.move': 5,
  'match.resign': 6,
  'match.offerDraw': 7,
  'match.answerDraw': 8,
  'match.offerRematch': 9,
  'match.leave': 10,
  'match.watch': 11,
  'match.list': 12,
  'match.get': 13,
  'match.events': 14,
  'lobby.watch': 15,
  'lobby.unwatch': 16,
} as const satisfies { readonly [M in LinkMethod]: number };

export interface LinkFollow {
  readonly match: MatchId;
  readonly game: GameId;
  readonly seat: Seat | null;
  readonly audience: Audience;
  readonly code?: InviteCode;
  readonly snapshot: LinkSnapshot;
}

export interface LinkListItem {
  readonly match: MatchId;
  readonly game: GameId;
  readonly visibility: Visibility;
  readonly status: MatchStatus;
  readonly seats: readonly PseudonymousSeat[];
  readonly seat: Seat | null;
  readonly turn: Seat | null;
  readonly result: MatchResult | null;
  readonly seq: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An event as it crosses the link: like the player's `MatchEvent`, with `player` where `joined` has `name`. */
export type LinkEvent = {
  readonly match: MatchId;
  readonly seq: number;
  readonly at: number;
  readonly commandId?: CommandId;
} & (
  | {
      readonly type: 'created';
      readonly game: GameId;
      readonly visibility: Visibility;
      readonly seats: number;
    }
  | { readonly type: 'joined'; readonly seat: Seat; readonly player: Pseudonym }
  | { readonly type: 'started'; readonly state: Json; readonly turn: Seat | null }
  | {
      readonly type: 'moved';
      readonly seat: Seat;
      readonly move: Json;
      readonly state: Json;
      readonly turn: Seat | null;
    }
  | { readonly type: 'drawOffered' | 'drawDeclined' | 'drawAccepted' | 'resigned'; readonly seat: Seat }
  | { readonly type: 'ended'; readonly result: MatchResult }
  | { readonly type: 'rematchOffered'; readonly seat: Seat }
  | { readonly type: 'rematchAgreed'; readonly next: MatchId }
);

export interface LinkReplies {
  'lobby.find': { status: 'waiting' } | { status: 'matched'; match: MatchId; seat: Seat };
  'lobby.cancel': Record<never, never>;
  'lobby.watch': Record<never, never>;
  'lobby.unwatch': Record<never, never>;
  'match.create': LinkFollow;
  'match.join': LinkFollow;
  'match.move': LinkEvent;
  'match.resign': LinkEvent;
  'match.offerDraw': LinkEvent;
  'match.answerDraw': LinkEvent;
  'match.offerRematch': LinkEvent;
  'match.leave': Record<never, never>;
  'match.watch': LinkFollow;
  'match.list': { matches: readonly LinkListItem[] };
  'match.get': LinkFollow;
  'match.events': { events: readonly LinkEvent[]; head: number };
}

/** Payload of a refusal frame. `missed` holds link events. */
export type LinkRefusal = Refusal;

export interface Subscribe {
  readonly match: MatchId;
  readonly audience: Audience;
  /** The last sequence that the proxy has; events after it follow. */
  readonly after: number;
}

/** `head` is the match's last sequence; every event up to it has been sent, unless `gap` says that they were too many. */
export interface Subscribed {
  readonly head: number;
  readonly gap?: true;
  /** This backend does not own the match (any more), and the subscription is over: subscribe at its owner. */
  readonly moved?: true;
}

/** Payload of a members frame: the live backends, and which of them speaks. */
export interface Members extends Membership {
  readonly self: string;
}

/** Payload of an elsewhere frame: the request is another backend's to answer, and did nothing here. */
export interface Elsewhere {
  /** The epoch that this was judged by. */
  readonly epoch: number;
  /** The match that the request is about, when only an invite code or a command id named it. */
  readonly match?: MatchId;
}

export interface Presence {
  readonly match: MatchId;
  readonly online: readonly Seat[];
}

/** The match that a channel's player waited for has been made. */
export interface MatchedNotice {
  readonly method: 'lobby.matched';
  readonly params: { game: GameId; match: MatchId; seat: Seat; commandId: CommandId };
}

/** The player watches the lobby, and these lists may have changed. */
export interface ChangedNotice {
  readonly method: 'lobby.changed';
  readonly params: { lists: readonly ListName[] };
}

/** A message for one channel that answers no request. */
export type Notice = MatchedNotice | ChangedNotice;
