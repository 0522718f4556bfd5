/**
 * Why the server closes a player's socket. 4000-4499: reconnect, nothing is wrong with you. 4500-4999: do not, the
 * same attempt would end the same way. The 10xx codes are RFC 6455 section 7.4.1 for a broken WebSocket stream; those
 * come without `session.closing`, since after a breach of framing nothing sent can be relied on.
 * PROTOCOL.md holds the same table; a test compares the two in both directions.
 */
export const closings = {
  restarting: { code: 4000, text: 'The server is being replaced; reconnect to go on.' },
  token_expired: { code: 4001, text: 'The access token expired; refresh it and reconnect.' },
  slow_consumer: { code: 4002, text: 'Events piled up unread on this connection; reconnect and resume.' },
  overloaded: { code: 4003, text: 'The server is at its limit; reconnect later.' },
  silent: { code: 4004, text: 'Nothing was heard from this connection; reconnect.' },
  violation: { code: 4500, text: 'The message breaks the protocol.' },
  origin_refused: { code: 4501, text: 'Pages of this origin may not connect here.' },
  token_missing: { code: 4502, text: 'No access token arrived in time.' },
  token_invalid: { code: 4503, text: 'The access token is not valid here.' },
  session_ended: { code: 4504, text: 'This session has ended; sign in again.' },
  flood: { code: 4505, text: 'Far too many messages.' },
  subprotocol_missing: { code: 4506, text: 'Offer the WebSocket subprotocol castling.v1.' },
  signed_out_elsewhere: { code: 4507, text: 'You signed out this device from another one.' },
  session_displaced: {
    code: 4508,
    text: 'You signed in on too many devices; this one had been idle longest.',
  },
  password_changed: { code: 4509, text: 'The password was changed; sign in again with the new one.' },
  token_reused: { code: 4510, text: 'A refresh token was used twice, so it may be stolen; sign in again.' },
  session_revoked: { code: 4511, text: 'An operator ended this session; sign in again.' },
  banned: { code: 4512, text: 'This account is banned.' },
  account_deleted: { code: 4513, text: 'This account has been deleted.' },
  filtered: { code: 4514, text: 'A rule of this server’s operator does not let you in.' },
} as const;

export type ClosingCode = keyof typeof closings;

/** The closings that say: this sign-in is over, whatever token is sent. A client forgets it and asks to sign in again. */
const sessionOver: readonly ClosingCode[] = [
  'session_ended',
  'signed_out_elsewhere',
  'session_displaced',
  'password_changed',
  'token_reused',
  'session_revoked',
  'banned',
  'account_deleted',
];

export function endsSession(closeCode: number): boolean {
  return sessionOver.some((name) => closings[name].code === closeCode);
}

export const wireClosings = {
  protocol_error: 1002,
  binary_refused: 1003,
  bad_utf8: 1007,
  too_many_fragments: 1008,
  too_large: 1009,
} as const;

/** Whether a client should come back after this close code. Unknown codes and plain network loss: yes. */
export function mayReconnect(closeCode: number): boolean {
  if (closeCode >= 4500 && closeCode <= 4999) return false;
  return !Object.values<number>(wireClosings).includes(closeCode);
}
