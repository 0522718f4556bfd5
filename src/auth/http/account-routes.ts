import type { FastifyInstance } from 'fastify';
import type { SessionId } from '../../protocol/ids.ts';
import {
  ExportAnswer,
  NoQuery,
  problemAnswers,
  type Reauthentication,
  ReauthenticationBody,
  SessionParams,
  SessionsAnswer,
} from '../http-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';
import { clearRefreshCookie, clearSiteData, isBrowserClient } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

/** Bytes of a password, every character of it escaped, or of what a passkey answers. */
const proofBytes = 16 * 1024;

/** What a player sees of the account, ends of it, and takes along. */
export function accountRoutes(scope: FastifyInstance, { signIns, caller }: ScopeParts): void {
  scope.get(
    '/auth/sessions',
    { schema: { querystring: NoQuery, response: { 200: SessionsAnswer, ...problemAnswers } } },
    async (request) => await signIns.sessions(readCredentials(request)),
  );

  scope.delete<{ Params: SessionParams }>(
    '/auth/sessions/:id',
    { bodyLimit: 1, schema: { params: SessionParams, querystring: NoQuery, response: problemAnswers } },
    async (request, reply) => {
      await signIns.endSession(readCredentials(request), request.params.id as SessionId);
      await reply.code(204).send();
    },
  );

  scope.get(
    '/auth/export',
    { schema: { querystring: NoQuery, response: { 200: ExportAnswer, ...problemAnswers } } },
    async (request) => await signIns.exportAccount(readCredentials(request)),
  );

  scope.post<{ Body: Reauthentication }>(
    '/auth/delete-account',
    {
      bodyLimit: proofBytes,
      schema: { body: ReauthenticationBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await signIns.deleteAccount(readCredentials(request), request.body, caller(request));
      if (isBrowserClient(request)) {
        clearRefreshCookie(reply);
        clearSiteData(reply);
      }
      await reply.code(204).send();
    },
  );
}
