/** A session governs its sockets: when it ends, wherever that was decided, so do they. */
import type { EndedSession, SessionEnd } from '../auth/index.ts';
import type { ClosingCode } from '../protocol/closings.ts';
import type { SessionId } from '../protocol/ids.ts';
import { type LeavingSocket, leaveAndClose } from './conversation/leave-and-close.ts';

/** Milliseconds for requests under way: what a backend has done already, the player should hear of. */
const patienceMs = 250;

/** Closes every socket of a session that has ended, once the requests under way are answered, and soon in any case. */
export function closeSocketsOf(
  { session, because }: EndedSession,
  sockets: { ofSession(session: SessionId): Iterable<LeavingSocket> },
): void {
  // Closing takes a socket out of the registry.
  for (const socket of [...sockets.ofSession(session)]) {
    void leaveAndClose(socket, { code: closingFor[because], refusal: 'session_ended', patienceMs });
  }
}

/** What a player is told, for each way in which a session ends. */
export const closingFor: { readonly [Why in SessionEnd]: ClosingCode } = {
  logout: 'session_ended',
  logout_elsewhere: 'signed_out_elsewhere',
  displaced: 'session_displaced',
  refresh_token_reused: 'token_reused',
  password_changed: 'password_changed',
  banned: 'banned',
  revoked: 'session_revoked',
  account_deleted: 'account_deleted',
};
