import type { FastifyRequest } from 'fastify';
import { AuthError } from '../auth-error.ts';

/**
 * The access token of a request (RFC 6750 section 2.1: in the Authorization field, nowhere else).
 * @throws AuthError `token_missing`
 */
export function readBearer({ headers, raw }: FastifyRequest): string {
  // Node keeps the first of several fields; which one counts must not depend on the reader.
  const fields = raw.rawHeaders.filter((text, index) => index % 2 === 0 && isAuthorization(text));
  if (fields.length > 1) throw new AuthError('token_missing', { rule: 'token.single' });
  const found = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '');
  if (found?.[1] === undefined) throw new AuthError('token_missing');
  return found[1];
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization';
}
