import type { FastifyInstance } from 'fastify';
import {
  AnyTokenAnswer,
  NoQuery,
  problemAnswers,
  type Reauthentication,
  ReauthenticationBody,
  SecondFactorAnswer,
  SecondFactorBody,
  TotpAnswer,
  TotpConfirmBody,
} from '../http-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';
import { grantTo, withDeviceCookie } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

/** Bytes of a password, every character of it escaped, or of what a passkey answers. */
const proofBytes = 16 * 1024;
const codeBytes = 1024;

/** Codes of an authenticator app: signing in with one, and setting it up. */
export function secondFactorRoutes(scope: FastifyInstance, { signIns, waysIn, caller }: ScopeParts): void {
  scope.post<{ Body: SecondFactorBody }>(
    '/auth/login/second-factor',
    {
      bodyLimit: codeBytes,
      schema: {
        body: SecondFactorBody,
        querystring: NoQuery,
        response: { 200: AnyTokenAnswer, ...problemAnswers },
      },
    },
    async (request, reply) =>
      grantTo(
        request,
        reply,
        await signIns.finishLogin(withDeviceCookie(request, request.body), caller(request)),
      ),
  );

  scope.get(
    '/auth/second-factor',
    { schema: { querystring: NoQuery, response: { 200: SecondFactorAnswer, ...problemAnswers } } },
    async (request) => await waysIn.secondFactor(readCredentials(request)),
  );

  scope.post<{ Body: Reauthentication }>(
    '/auth/totp',
    {
      bodyLimit: proofBytes,
      schema: {
        body: ReauthenticationBody,
        querystring: NoQuery,
        response: { 200: TotpAnswer, ...problemAnswers },
      },
    },
    async (request) => await waysIn.enrolTotp(readCredentials(request), request.body, caller(request)),
  );

  scope.post<{ Body: TotpConfirmBody }>(
    '/auth/totp/confirm',
    {
      bodyLimit: codeBytes,
      schema: { body: TotpConfirmBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await waysIn.confirmTotp(readCredentials(request), request.body, caller(request));
      await reply.code(204).send();
    },
  );

  scope.post<{ Body: Reauthentication }>(
    '/auth/totp/disable',
    {
      bodyLimit: proofBytes,
      schema: { body: ReauthenticationBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await waysIn.disableTotp(readCredentials(request), request.body, caller(request));
      await reply.code(204).send();
    },
  );
}
