import type { FastifyInstance } from 'fastify';
import {
  AnyTokenAnswer,
  ListedPasskey,
  NoQuery,
  PasskeyAddBody,
  PasskeyLoginBody,
  PasskeyNameBody,
  PasskeyOptionsBody,
  PasskeyParams,
  PasskeysAnswer,
  problemAnswers,
  type Reauthentication,
  ReauthenticationBody,
} from '../http-schemas.ts';
import { CreationOptions, RequestOptions } from '../passkeys/passkey-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';

import { grantTo, withDeviceCookie } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

/** Bytes of what an authenticator answers, with room for the longest keys, or of a password, every character escaped. */
const passkeyBytes = 16 * 1024;
const nameBytes = 4 * 1024;

/** Passkeys: signing in with one, and the list of one's own. */
export function passkeyRoutes(scope: FastifyInstance, { signIns, waysIn, caller }: ScopeParts): void {
  scope.post<{ Body: PasskeyOptionsBody }>(
    '/auth/login/passkey/options',
    {
      bodyLimit: nameBytes,
      schema: {
        body: PasskeyOptionsBody,
        querystring: NoQuery,
        response: { 200: RequestOptions, ...problemAnswers },
      },
    },
    async (request) => await signIns.passkeyOptions(request.body, caller(request)),
  );

  scope.post<{ Body: PasskeyLoginBody }>(
    '/auth/login/passkey',
    {
      bodyLimit: passkeyBytes,
      schema: {
        body: PasskeyLoginBody,
        querystring: NoQuery,
        response: { 200: AnyTokenAnswer, ...problemAnswers },
      },
    },
    async (request, reply) =>
      grantTo(
        request,
        reply,
        await signIns.loginWithPasskey(withDeviceCookie(request, request.body), caller(request)),
      ),
  );

  scope.post(
    '/auth/reauthentication/passkey/options',
    {
      bodyLimit: 1,
      schema: { querystring: NoQuery, response: { 200: RequestOptions, ...problemAnswers } },
    },
    async (request) => await waysIn.proofOptions(readCredentials(request), caller(request)),
  );

  scope.get(
    '/auth/passkeys',
    { schema: { querystring: NoQuery, response: { 200: PasskeysAnswer, ...problemAnswers } } },
    async (request) => await waysIn.passkeys(readCredentials(request)),
  );

  scope.post<{ Body: Reauthentication }>(
    '/auth/passkeys/options',
    {
      bodyLimit: passkeyBytes,
      schema: {
        body: ReauthenticationBody,
        querystring: NoQuery,
        response: { 200: CreationOptions, ...problemAnswers },
      },
    },
    async (request) => await waysIn.creationOptions(readCredentials(request), request.body, caller(request)),
  );

  scope.post<{ Body: PasskeyAddBody }>(
    '/auth/passkeys',
    {
      bodyLimit: passkeyBytes,
      schema: {
        body: PasskeyAddBody,
        querystring: NoQuery,
        response: { 201: ListedPasskey, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const added = await waysIn.addPasskey(readCredentials(request), request.body, caller(request));
      reply.code(201);
      return added;
    },
  );

  scope.patch<{ Params: PasskeyParams; Body: PasskeyNameBody }>(
    '/auth/passkeys/:id',
    {
      bodyLimit: nameBytes,
      schema: {
        params: PasskeyParams,
        body: PasskeyNameBody,
        querystring: NoQuery,
        response: problemAnswers,
      },
    },
    async (request, reply) => {
      await waysIn.renamePasskey(readCredentials(request), request.params.id, request.body.name);
      await reply.code(204).send();
    },
  );

  scope.post<{ Params: PasskeyParams; Body: Reauthentication }>(
    '/auth/passkeys/:id/remove',
    {
      bodyLimit: passkeyBytes,
      schema: {
        params: PasskeyParams,
        body: ReauthenticationBody,
        querystring: NoQuery,
        response: problemAnswers,
      },
    },
    async (request, reply) => {
      await waysIn.removePasskey(readCredentials(request), request.params.id, request.body, caller(request));
      await reply.code(204).send();
    },
  );
}
