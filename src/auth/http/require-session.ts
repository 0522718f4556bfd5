import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session, SignIns } from '../sign-ins.ts';
import { readCredentials } from './credentials.ts';

/**
 * The session of a request to another part of the server, which shows its access token as it would here.
 *
 * @throws AuthError, which `sendProblem` answers
 */
export async function requireSession(
  request: FastifyRequest,
  reply: FastifyReply,
  signIns: SignIns,
): Promise<Session> {
  if (request.headers.dpop !== undefined) reply.header('dpop-nonce', signIns.proofNonce());
  return await signIns.verify(readCredentials(request));
}
