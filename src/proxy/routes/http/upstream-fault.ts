import { errors } from 'undici';
import type { ProblemCode } from '../../http/problem.ts';

/** Why no answer, or no whole answer, could be had. */
export interface UpstreamFault {
  readonly problem: ProblemCode;
  /** Nobody answered: no upstream is available, or it could not be connected to (RFC 9111 section 4.2.4, "disconnected"). */
  readonly isDisconnected: boolean;
  /** Milliseconds after which another try may succeed, where that is known. */
  readonly retryAfterMs?: number;
  /** What the cache did before it came to that. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** The client's body is longer than the route takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** The exchange took longer than the route allows in all. */
export class TotalTimeout extends Error {
  override readonly name = 'TotalTimeout';
}

/** The upstream sends interim answers and no answer. */
export class TooManyInterimAnswers extends Error {
  override readonly name = 'TooManyInterimAnswers';
}

/** What an error of undici's, or of ours, means for the client. @param isSent whether anything was sent to the upstream */
export function faultOf(error: unknown, isSent: boolean): UpstreamFault {
  const isDisconnected = !isSent;
  if (error instanceof BodyTooLarge) return { problem: 'body_too_large', isDisconnected: false };
  const isLate =
    error instanceof TotalTimeout ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  if (isLate) return { problem: 'upstream_timeout', isDisconnected };
  const isUnruly =
    error instanceof TooManyInterimAnswers ||
    error instanceof errors.HTTPParserError ||
    error instanceof errors.HeadersOverflowError ||
    error instanceof errors.ResponseExceededMaxSizeError ||
    error instanceof errors.ResponseContentLengthMismatchError;
  return { problem: isUnruly ? 'upstream_answer_refused' : 'upstream_failed', isDisconnected };
}

/** Whether the connection broke before the answer began, so that nothing but the connection may be at fault. */
export function isBrokenConnection(error: unknown): boolean {
  if (error instanceof errors.SocketError) return true;
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
