import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoreError } from '../../store/index.ts';
import { AuthError, authErrors } from '../auth-error.ts';
import type { Problem } from '../http-schemas.ts';
import { shortAlgorithms } from '../tokens/verification-key.ts';

/** Answers any error as a problem document (RFC 9457). What went wrong inside stays inside; the log has it. */
export async function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const error = asAuthError(thrown);
  const { title, level } = authErrors[error.code];
  request.log[level](
    { code: error.code, rule: error.rule, ...(error.cause === undefined ? {} : { err: error.cause }) },
    'request refused',
  );
  const body: Problem = {
    type: `urn:castling:problem:${error.code}`,
    title,
    status: error.httpStatus,
    detail: error.message,
    code: error.code,
    ...(error.rule === undefined ? {} : { rule: error.rule }),
    requestId: request.id,
    ...(error.ticket && { ticket: error.ticket.ticket, expires_in: error.ticket.expiresIn }),
  };
  if (error.httpStatus === 401) reply.header('www-authenticate', challengeFor(error));
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  await reply
    .code(error.httpStatus)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** RFC 6750 section 3: the reason is named only when a token was sent. RFC 9449 section 7.1: a bad proof has its own. */
function challengeFor({ code }: AuthError): string {
  if (code === 'invalid_dpop_proof' || code === 'use_dpop_nonce') {
    return `DPoP realm="castling", error="${code}", algs="${[...shortAlgorithms].join(' ')}"`;
  }
  const isAboutToken = code.startsWith('token_') && code !== 'token_missing';
  return isAboutToken || code === 'session_ended'
    ? 'Bearer realm="castling", error="invalid_token"'
    : 'Bearer realm="castling"';
}

function asAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  if (thrown instanceof StoreError) {
    return new AuthError('store_unavailable', { cause: thrown, retryAfterSeconds: 2 });
  }
  if (isFrameworkError(thrown)) {
    switch (thrown.statusCode) {
      case 413:
        return new AuthError('body_too_large');
      case 415:
        return new AuthError('media_type_unsupported');
      case 400:
        return new AuthError('body_invalid');
    }
  }
  return new AuthError('internal', { cause: thrown });
}

function isFrameworkError(thrown: unknown): thrown is Error & { readonly statusCode: number } {
  return thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number';
}
