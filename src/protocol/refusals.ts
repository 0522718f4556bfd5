/**
 * The catalogue of lawful refusals: JSON-RPC error code, whether the same request may succeed later unchanged, and
 * the sentence a person reads when nothing more exact is known. The socket stays open after each of them.
 * PROTOCOL.md holds the same table; a test compares the two in both directions.
 */
export const refusals = {
  // JSON-RPC 2.0 section 5.1
  parse_error: { rpc: -32700, retryable: false, text: 'The message is not JSON.' },
  invalid_request: { rpc: -32600, retryable: false, text: 'The message is not a JSON-RPC 2.0 request.' },
  method_unknown: { rpc: -32601, retryable: false, text: 'There is no such method.' },
  params_invalid: { rpc: -32602, retryable: false, text: 'The parameters do not fit the method.' },
  internal_error: { rpc: -32603, retryable: true, text: 'The server failed; nothing was changed.' },
  // session
  not_signed_in: {
    rpc: 1000,
    retryable: false,
    text: 'Sign in first: call session.open with an access token.',
  },
  token_expired: { rpc: 1001, retryable: false, text: 'The access token has expired; refresh it.' },
  token_invalid: { rpc: 1002, retryable: false, text: 'The access token is not valid here.' },
  session_ended: { rpc: 1003, retryable: false, text: 'This session has ended; sign in again.' },
  session_mismatch: {
    rpc: 1004,
    retryable: false,
    text: 'The token belongs to another session than this socket.',
  },
  already_signed_in: {
    rpc: 1005,
    retryable: false,
    text: 'This socket is signed in already; use session.refresh.',
  },
  // policy
  rate_limited: { rpc: 1100, retryable: true, text: 'Too many messages; wait a moment.' },
  too_many_in_flight: { rpc: 1101, retryable: true, text: 'Too many unanswered requests on this socket.' },
  too_many_follows: { rpc: 1102, retryable: false, text: 'This socket follows too many matches.' },
  not_following: { rpc: 1103, retryable: false, text: 'This socket does not follow that match.' },
  too_many_sockets: { rpc: 1104, retryable: true, text: 'Too many connections are signed in.' },
  filtered: { rpc: 1105, retryable: false, text: 'A rule of this server’s operator does not allow this.' },
  // routing and link
  backend_unavailable: {
    rpc: 1200,
    retryable: true,
    text: 'The game backend is away; your match is safe and goes on when it is back.',
  },
  draining: { rpc: 1201, retryable: true, text: 'This server is being replaced; reconnect.' },
  // lobby
  game_unknown: { rpc: 1300, retryable: false, text: 'There is no such game here.' },
  lobby_full: { rpc: 1301, retryable: true, text: 'The lobby is full; try again soon.' },
  not_waiting: { rpc: 1302, retryable: false, text: 'You are not waiting in the lobby.' },
  // matches
  match_unknown: { rpc: 1310, retryable: false, text: 'There is no such match, or it is private.' },
  match_full: { rpc: 1311, retryable: false, text: 'Every seat of this match is taken.' },
  too_many_matches: {
    rpc: 1312,
    retryable: false,
    text: 'You hold seats in too many open matches; finish one first.',
  },
  not_seated: { rpc: 1313, retryable: false, text: 'You have no seat in this match.' },
  not_your_seat: { rpc: 1314, retryable: false, text: 'That seat is someone else’s.' },
  match_not_started: { rpc: 1315, retryable: false, text: 'The match has not begun; a seat is still free.' },
  match_over: { rpc: 1316, retryable: false, text: 'The match is over.' },
  match_not_over: { rpc: 1317, retryable: false, text: 'The match is not over yet.' },
  not_your_turn: { rpc: 1318, retryable: false, text: 'It is not your turn.' },
  stale_sequence: {
    rpc: 1319,
    retryable: false,
    text: 'The match has moved on; read the events that you missed.',
  },
  sequence_ahead: { rpc: 1320, retryable: false, text: 'That sequence does not exist yet.' },
  command_conflict: {
    rpc: 1321,
    retryable: false,
    text: 'That command id was used before for another command.',
  },
  draw_not_offered: { rpc: 1322, retryable: false, text: 'Your opponent has not offered a draw.' },
  draw_already_offered: { rpc: 1323, retryable: false, text: 'Your draw offer is still open.' },
  rematch_already_offered: { rpc: 1324, retryable: false, text: 'You have offered a rematch already.' },
  match_too_long: {
    rpc: 1325,
    retryable: false,
    text: 'The match has reached the largest number of events.',
  },
  // moves
  move_malformed: { rpc: 1330, retryable: false, text: 'That is not a move of this game.' },
  move_out_of_range: { rpc: 1331, retryable: false, text: 'That move is outside the board.' },
  move_occupied: { rpc: 1332, retryable: false, text: 'That square is taken.' },
  move_illegal: { rpc: 1333, retryable: false, text: 'The rules do not allow that move.' },
} as const;

export type RefusalCode = keyof typeof refusals;

/** A lawful no. `rule` names the one check that refused; `retryAfterMs` is present whenever waiting helps. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly reason: string;
  readonly rule?: string;
  readonly retryAfterMs?: number;
  /** For `stale_sequence`: the events from the expected sequence on, as `match.event` would have shown them. */
  readonly missed?: readonly unknown[];
}

/** Builds a refusal, with the catalogue's sentence unless a more exact one is given. */
export function refuse(code: RefusalCode, detail: Omit<Partial<Refusal>, 'code'> = {}): Refusal {
  return { code, reason: detail.reason ?? refusals[code].text, ...detail };
}
