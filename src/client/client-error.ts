import type { MatchEvent } from '../protocol/player-messages.ts';
import type { RefusalCode } from '../protocol/refusals.ts';

/** Why the client could not do what was asked, with the sentence for a person. Callers switch on the code. */
const clientErrors = {
  /** The server said no, lawfully; `refusal` has its code and reason. Nothing was changed. */
  refused: 'The server refused.',
  /** No server answered: no network, nothing listens, or the answer is not Castling's. */
  unreachable: 'The server cannot be reached.',
  /** There is no session, or it has ended; only signing in again helps. */
  signed_out: 'You are not signed in.',
  /** The server closed the connection and said that coming back does not help. */
  dismissed: 'The server closed the connection for good.',
  /** No answer came in time. A command may or may not have happened; the same command id finds out. */
  timed_out: 'No answer came in time.',
  /** What arrived is not the player protocol. */
  protocol: 'The server does not speak this client’s protocol.',
  /** This side closed the connection, or stopped following the match. */
  closed: 'The connection was closed here.',
  /** The caller's signal aborted the wait. */
  aborted: 'The wait was given up.',
} as const;

export type ClientErrorCode = keyof typeof clientErrors;

/** A lawful no from the server, as it arrived. Codes that this version does not know are possible. */
export interface ReceivedRefusal {
  readonly code: RefusalCode | (string & {});
  readonly reason: string;
  readonly rule?: string;
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  /** For `stale_sequence`: the events that were missed; the match has taken them in already. */
  readonly missed?: readonly MatchEvent[];
}

export interface ClientErrorDetail {
  readonly refusal?: ReceivedRefusal;
  /** The WebSocket close code, when the server closed. */
  readonly closeCode?: number;
  /** The HTTP status, when an HTTP answer was the reason. */
  readonly httpStatus?: number;
  readonly cause?: unknown;
}

/** Never holds a token or a password: neither in the message nor in the detail. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  readonly refusal?: ReceivedRefusal;
  readonly closeCode?: number;
  readonly httpStatus?: number;

  constructor(code: ClientErrorCode, message?: string, detail: ClientErrorDetail = {}) {
    super(message ?? clientErrors[code], detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    if (detail.refusal !== undefined) this.refusal = detail.refusal;
    if (detail.closeCode !== undefined) this.closeCode = detail.closeCode;
    if (detail.httpStatus !== undefined) this.httpStatus = detail.httpStatus;
  }
}

export function refusedError(refusal: ReceivedRefusal): ClientError {
  return new ClientError('refused', refusal.reason, { refusal });
}

/** Codes of the account service that a client does more about than showing them. */
export type AccountRefusalCode =
  | 'second_factor_needed'
  | 'second_factor_wrong'
  | 'authorization_pending'
  | 'name_refused'
  | 'name_taken'
  | 'password_refused'
  | 'recovery_refused'
  | 'session_unknown'
  | 'slow_down';

/** Whether the error is a refusal with one of these codes. */
export function isRefusal(
  error: unknown,
  ...codes: readonly (RefusalCode | AccountRefusalCode)[]
): error is ClientError {
  return error instanceof ClientError && codes.some((code) => code === error.refusal?.code);
}
