/**
 * The player protocol as schemas: what may be said, by whom, and what comes back. Types, validators and the AsyncAPI
 * document are all made from these. Prose and a sample session are in PROTOCOL.md.
 */
import Type from 'typebox';
import { idPatterns } from './ids.ts';
import { limits } from './limits.ts';

const strict = { additionalProperties: false } as const;
const id = (kind: keyof typeof idPatterns) => Type.String({ pattern: idPatterns[kind], maxLength: 64 });

const Token = Type.String({ minLength: 1, maxLength: limits.tokenBytes });
/** For a token that is bound to a key: a DPoP proof (RFC 9449) for `GET https://HOST/play`. */
const Proof = Type.Optional(Type.String({ minLength: 1, maxLength: limits.proofBytes }));
export const Seat = Type.Integer({ minimum: 0, maximum: 15 });
export const Sequence = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });
export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);
export const MatchStatus = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('playing'),
  Type.Literal('over'),
]);

/** How a match ended. `reason` is the rules' word (`line`, `board_full`) or one of `resigned`, `agreed`, `abandoned`. */
export const MatchResult = Type.Union([
  Type.Object({ kind: Type.Literal('won'), seat: Seat, reason: Type.String() }, strict),
  Type.Object({ kind: Type.Literal('drawn'), reason: Type.String() }, strict),
  Type.Object({ kind: Type.Literal('cancelled'), reason: Type.String() }, strict),
]);

/** Fields that every event has: the match, its place in the match's log (from 1), and Unix milliseconds. */
const eventBase = {
  match: id('match'),
  seq: Sequence,
  at: Type.Integer({ minimum: 0 }),
  /** Present when a player's command caused the event: that command's id. */
  commandId: Type.Optional(id('command')),
};
/** The audience's view of the game after the event, in the game's own form. */
const State = Type.Unknown();
const Turn = Type.Union([Seat, Type.Null()]);
const PlayerName = Type.String({ minLength: 1, maxLength: 64 });
/** Plays without an account; absent for everybody else. */
const Guest = Type.Optional(Type.Literal(true));

export const matchEvents = {
  created: Type.Object(
    { ...eventBase, type: Type.Literal('created'), game: id('game'), visibility: Visibility, seats: Seat },
    strict,
  ),
  joined: Type.Object(
    { ...eventBase, type: Type.Literal('joined'), seat: Seat, name: PlayerName, guest: Guest },
    strict,
  ),
  started: Type.Object({ ...eventBase, type: Type.Literal('started'), state: State, turn: Turn }, strict),
  moved: Type.Object(
    { ...eventBase, type: Type.Literal('moved'), seat: Seat, move: Type.Unknown(), state: State, turn: Turn },
    strict,
  ),
  drawOffered: Type.Object({ ...eventBase, type: Type.Literal('drawOffered'), seat: Seat }, strict),
  drawDeclined: Type.Object({ ...eventBase, type: Type.Literal('drawDeclined'), seat: Seat }, strict),
  drawAccepted: Type.Object({ ...eventBase, type: Type.Literal('drawAccepted'), seat: Seat }, strict),
  resigned: Type.Object({ ...eventBase, type: Type.Literal('resigned'), seat: Seat }, strict),
  ended: Type.Object({ ...eventBase, type: Type.Literal('ended'), result: MatchResult }, strict),
  rematchOffered: Type.Object({ ...eventBase, type: Type.Literal('rematchOffered'), seat: Seat }, strict),
  /** Both offered: `next` is the new match, with the seats turned round. */
  rematchAgreed: Type.Object(
    { ...eventBase, type: Type.Literal('rematchAgreed'), next: id('match') },
    strict,
  ),
} as const;

// Spelled out: from an array of unknown length the type of a union is `never`.
export const MatchEvent = Type.Union([
  matchEvents.created,
  matchEvents.joined,
  matchEvents.started,
  matchEvents.moved,
  matchEvents.drawOffered,
  matchEvents.drawDeclined,
  matchEvents.drawAccepted,
  matchEvents.resigned,
  matchEvents.ended,
  matchEvents.rematchOffered,
  matchEvents.rematchAgreed,
]);

export const SeatView = Type.Object(
  { seat: Seat, name: Type.Union([PlayerName, Type.Null()]), guest: Guest },
  strict,
);

/** All that this audience may know of a match at sequence `seq`. */
export const MatchSnapshot = Type.Object(
  {
    match: id('match'),
    game: id('game'),
    visibility: Visibility,
    status: MatchStatus,
    seq: Sequence,
    seats: Type.Array(SeatView, { maxItems: 16 }),
    turn: Turn,
    state: State,
    result: Type.Union([MatchResult, Type.Null()]),
    /** The seat whose draw offer is open, if one is. */
    drawOffer: Type.Union([Seat, Type.Null()]),
  },
  strict,
);

/**
 * The answer to joining and watching. Exactly one of `snapshot` and `events` is present: `events` holds every event
 * after the sequence that was asked for; `snapshot` says that the story starts anew. Later events follow as
 * `match.event`, without a gap.
 */
export const Follow = Type.Object(
  {
    match: id('match'),
    game: id('game'),
    /** Your seat, or null for a spectator. */
    seat: Type.Union([Seat, Type.Null()]),
    /** The invite code; only for players of the match, while a seat is free or the match is private. */
    code: Type.Optional(id('invite')),
    snapshot: Type.Optional(MatchSnapshot),
    events: Type.Optional(Type.Array(MatchEvent, { maxItems: limits.resumeEvents })),
  },
  strict,
);

export const SessionInfo = Type.Object(
  {
    player: id('player'),
    name: PlayerName,
    guest: Guest,
    session: id('session'),
    /** Unix seconds at which the socket closes unless `session.refresh` came first. */
    expiresAt: Type.Integer(),
  },
  strict,
);

/** The lists of the lobby. `mine`: matches in which you hold a seat; `live`: public ones being played; `open`: public ones with a free seat. */
export const ListName = Type.Union([Type.Literal('mine'), Type.Literal('live'), Type.Literal('open')]);

export const MatchListItem = Type.Object(
  {
    match: id('match'),
    game: id('game'),
    visibility: Visibility,
    status: MatchStatus,
    seats: Type.Array(SeatView, { maxItems: 16 }),
    seat: Type.Union([Seat, Type.Null()]),
    /** Whose turn it is; null while the match has not begun, is over, or waits for nobody. */
    turn: Turn,
    result: Type.Union([MatchResult, Type.Null()]),
    seq: Sequence,
    /** Unix milliseconds of creation and of the last event. */
    createdAt: Type.Integer(),
    updatedAt: Type.Integer(),
  },
  strict,
);

const matchRef = { match: id('match') };
const command = { commandId: id('command') };
const matchOrCode = { match: Type.Optional(id('match')), code: Type.Optional(id('invite')) };
const after = { after: Type.Optional(Sequence) };
const Empty = Type.Object({}, strict);

/** Every method: its parameters and its result. The order is the order of PROTOCOL.md. */
export const methods = {
  'session.open': { params: Type.Object({ token: Token, proof: Proof }, strict), result: SessionInfo },
  'session.refresh': { params: Type.Object({ token: Token, proof: Proof }, strict), result: SessionInfo },
  /** Waits for an opponent. The same command id asked again, after a reconnect too, gives the same match. */
  'lobby.find': {
    params: Type.Object({ game: id('game'), ...command }, strict),
    result: Type.Union([
      Type.Object({ status: Type.Literal('waiting') }, strict),
      Type.Object({ status: Type.Literal('matched'), match: id('match'), seat: Seat }, strict),
    ]),
  },
  'lobby.cancel': { params: Type.Object({ game: id('game') }, strict), result: Empty },
  /** Tells by `lobby.changed`, until the socket closes, when a list has changed. Asking again changes nothing. */
  'lobby.watch': { params: Empty, result: Empty },
  'lobby.unwatch': { params: Empty, result: Empty },
  'match.create': {
    params: Type.Object({ game: id('game'), visibility: Type.Optional(Visibility), ...command }, strict),
    result: Follow,
  },
  /** Takes a free seat, or comes back to one's own. By match id (public matches, own seats) or by invite code. */
  'match.join': { params: Type.Object({ ...matchOrCode, ...after, ...command }, strict), result: Follow },
  /**
   * `seq` is the sequence that the move expects to fill (last seen + 1). The result *is* the logged event, and this
   * socket does not get it a second time as a notification.
   */
  'match.move': {
    params: Type.Object(
      { ...matchRef, seq: Sequence, ...command, move: Type.Unknown(), seat: Type.Optional(Seat) },
      strict,
    ),
    result: MatchEvent,
  },
  'match.resign': {
    params: Type.Object({ ...matchRef, ...command, seat: Type.Optional(Seat) }, strict),
    result: MatchEvent,
  },
  'match.offerDraw': { params: Type.Object({ ...matchRef, ...command }, strict), result: MatchEvent },
  'match.answerDraw': {
    params: Type.Object({ ...matchRef, ...command, accept: Type.Boolean() }, strict),
    result: MatchEvent,
  },
  'match.offerRematch': { params: Type.Object({ ...matchRef, ...command }, strict), result: MatchEvent },
  /** Stops following. A match that has not begun and holds nobody else is cancelled; a seat in play is kept. */
  'match.leave': { params: Type.Object({ ...matchRef, ...command }, strict), result: Empty },
  'match.watch': { params: Type.Object({ ...matchOrCode, ...after }, strict), result: Follow },
  'match.unwatch': { params: Type.Object(matchRef, strict), result: Empty },
  /** Newest first. */
  'match.list': {
    params: Type.Object(
      {
        filter: ListName,
        game: Type.Optional(id('game')),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.listItems })),
      },
      strict,
    ),
    result: Type.Object({ matches: Type.Array(MatchListItem, { maxItems: limits.listItems }) }, strict),
  },
  /** Looks without following. */
  'match.get': { params: Type.Object({ ...matchOrCode }, strict), result: Follow },
} as const;

/** `must-arrive`: a socket that cannot take it is closed; `droppable`: a newer one replaces it. */
export const notifications = {
  'match.event': { params: MatchEvent, delivery: 'must-arrive' },
  'match.presence': {
    params: Type.Object(
      {
        match: id('match'),
        /** Seats whose player has at least one socket here. Absent while the backend is away. */
        online: Type.Optional(Type.Array(Seat, { maxItems: 16 })),
        /** `away`: the game backend cannot be reached; moves wait and nothing is lost. */
        service: Type.Union([Type.Literal('up'), Type.Literal('away')]),
      },
      strict,
    ),
    delivery: 'droppable',
  },
  'lobby.matched': {
    params: Type.Object(
      { game: id('game'), match: id('match'), seat: Seat, commandId: id('command') },
      strict,
    ),
    delivery: 'must-arrive',
  },
  /** Lists of the lobby that have changed since they were last told of; ask for those that are shown. */
  'lobby.changed': {
    params: Type.Object({ lists: Type.Array(ListName, { minItems: 1, maxItems: 3 }) }, strict),
    delivery: 'droppable',
  },
  'session.expiring': { params: Type.Object({ expiresAt: Type.Integer() }, strict), delivery: 'must-arrive' },
  'session.closing': {
    params: Type.Object(
      {
        code: Type.Integer({ minimum: 4000, maximum: 4999 }),
        reason: Type.String(),
        reconnect: Type.Boolean(),
        retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
        /** When a rule of the policy closes: its name, and what an operator can look up. */
        rule: Type.Optional(Type.String()),
        requestId: Type.Optional(Type.String()),
      },
      strict,
    ),
    delivery: 'must-arrive',
  },
} as const;
