/** A session governs its sockets: when it ends, wherever that was decided, so do they. */
import type { EndedSession, SessionEnd } from '../auth/index.ts';
import type { ClosingCode } from '../protocol/closings.ts';
import type { SessionId } from '../protocol/ids.ts';

/** What is done to a socket whose session has ended. */
export interface GovernedSocket {
  readonly unanswered: number;
  /** Refuses every request from now on, and calls back when one of those before is answered, or the socket has gone. */
  leave(onSettled: () => void): void;
  close(code: ClosingCode): void;
}

/** Milliseconds for requests under way: what a backend has done already, the player should hear of. */
const patienceMs = 250;

/** Closes every socket of a session that has ended, once the requests under way are answered, and soon in any case. */
export function closeSocketsOf(
  { session, because }: EndedSession,
  sockets: { ofSession(session: SessionId): Iterable<GovernedSocket> },
): void {
  // Closing takes a socket out of the registry.
  for (const socket of [...sockets.ofSession(session)]) leaveAndClose(socket, closingFor[because]);
}

function leaveAndClose(socket: GovernedSocket, code: ClosingCode): void {
  const timer = setTimeout(() => socket.close(code), patienceMs);
  const check = () => {
    if (socket.unanswered > 0) return;
    clearTimeout(timer);
    socket.close(code);
  };
  socket.leave(check);
  check();
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
