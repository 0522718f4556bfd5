import type { FastifyInstance } from 'fastify';
import {
  AnyTokenAnswer,
  NoQuery,
  PasswordBody,
  problemAnswers,
  type Reauthentication,
  ReauthenticationBody,
  RecoverBody,
  RecoveryCodesAnswer,
} from '../http-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';
import { grantTo, withDeviceCookie } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

/** Bytes of a body with a name, a code and two passwords, every character of them escaped. */
const passwordsBytes = 16 * 1024;

/** Changing a password, and getting one when it is lost. */
export function passwordRoutes(scope: FastifyInstance, { signIns, waysIn, caller }: ScopeParts): void {
  scope.post<{ Body: PasswordBody }>(
    '/auth/password',
    {
      bodyLimit: passwordsBytes,
      schema: { body: PasswordBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await waysIn.changePassword(readCredentials(request), request.body, caller(request));
      await reply.code(204).send();
    },
  );

  scope.post<{ Body: RecoverBody }>(
    '/auth/recover',
    {
      bodyLimit: passwordsBytes,
      schema: {
        body: RecoverBody,
        querystring: NoQuery,
        response: { 200: AnyTokenAnswer, ...problemAnswers },
      },
    },
    async (request, reply) =>
      grantTo(
        request,
        reply,
        await signIns.recover(withDeviceCookie(request, request.body), caller(request)),
      ),
  );

  scope.post<{ Body: Reauthentication }>(
    '/auth/recovery-codes',
    {
      bodyLimit: passwordsBytes,
      schema: {
        body: ReauthenticationBody,
        querystring: NoQuery,
        response: { 200: RecoveryCodesAnswer, ...problemAnswers },
      },
    },
    async (request) =>
      await waysIn.renewRecoveryCodes(readCredentials(request), request.body, caller(request)),
  );
}
