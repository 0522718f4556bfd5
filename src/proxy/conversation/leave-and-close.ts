import type { ClosingCode } from '../../protocol/closings.ts';
import type { RefusalCode } from '../../protocol/refusals.ts';
import type { ClosingDetail } from '../fan-out.ts';

/** What is needed of a socket that this side is going to close. */
export interface LeavingSocket {
  /** None once the socket has gone. */
  readonly unanswered: number;
  /** Refuses every request from now on, and calls back when one of those before is answered, or the socket has gone. */
  leave(refusal: RefusalCode, onSettled: () => void): void;
  close(code: ClosingCode, detail?: ClosingDetail): void;
}

export interface Leave {
  readonly code: ClosingCode;
  readonly detail?: ClosingDetail;
  /** What is said to requests that come too late. */
  readonly refusal: RefusalCode;
  /** Milliseconds for requests under way: what a backend has done already, the player should hear of. */
  readonly patienceMs: number;
}

/** Closes a socket once the requests under way are answered, or when the patience is over. Resolves when it closes. */
export function leaveAndClose(
  socket: LeavingSocket,
  { code, detail, refusal, patienceMs }: Leave,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const close = () => {
    clearTimeout(timer);
    socket.close(code, detail);
    resolve();
  };
  const timer = setTimeout(close, patienceMs);
  const check = () => {
    if (socket.unanswered === 0) close();
  };
  socket.leave(refusal, check);
  check();
  return promise;
}
