import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { AuthError } from '../auth-error.ts';
import type { CheckedProof } from '../dpop/proofs.ts';
import {
  AnyTokenAnswer,
  BrowserRefreshBody,
  CredentialsBody,
  JwksAnswer,
  LogoutQuery,
  MeAnswer,
  NoQuery,
  problemAnswers,
  RefreshBody,
} from '../http-schemas.ts';
import { accountRoutes } from './account-routes.ts';
import { type AuthParts, callerBy, type ScopeParts } from './auth-parts.ts';
import {
  clearRefreshCookie,
  clearSiteData,
  grantTo,
  isBrowserClient,
  readRefreshCookie,
  requireOwnOrigin,
  withDeviceCookie,
} from './browser-client.ts';
import { readCredentials, readProof } from './credentials.ts';
import { deviceRoutes } from './device-routes.ts';
import { guestRoutes } from './guest-routes.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { passwordRoutes } from './password-routes.ts';
import { sendProblem } from './problem.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { readStrictly } from './strict-body.ts';

/** Bytes of a body with a name and a password, every character of them escaped. */
const credentialsBytes = 8 * 1024;
const refreshBytes = 1024;
/** Seconds for which others may keep our public keys. */
const jwksMaxAge = 300;

const AnyRefreshBody = Type.Union([RefreshBody, BrowserRefreshBody]);
type AnyRefreshBody = RefreshBody | BrowserRefreshBody;

export interface AuthRoutesOptions {
  /** Where a request comes from, for the limits on guessing. The default believes the socket's peer. */
  readonly clientAddress?: (request: FastifyRequest) => string;
}

/** The HTTP interface of accounts and sessions, as a plugin that keeps its parsing and its errors to itself. */
export function authRoutes(own: AuthParts): FastifyPluginAsync<AuthRoutesOptions> {
  const { signIns } = own;
  return async (scope, { clientAddress = (request) => request.ip }) => {
    const proofs = new WeakMap<FastifyRequest, CheckedProof>();
    const caller = callerBy(clientAddress, proofs);
    const parts: ScopeParts = { ...own, caller };
    readStrictly(scope);
    scope.setErrorHandler(sendProblem);
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      requireOwnOrigin(request);
      // Whoever proves has use for a nonce, next time or, when the proof was too old, now (RFC 9449 section 8.2).
      if (request.headers.dpop !== undefined) reply.header('dpop-nonce', signIns.proofNonce());
    });
    scope.addHook('preHandler', async (request) => {
      // Before anything is tried: what a wrong proof would spoil, such as a code that is good once, is still good after it.
      const shown = request.headers.authorization === undefined ? readProof(request) : undefined;
      if (shown !== undefined) proofs.set(request, await signIns.checkProof(shown));
    });

    scope.post<{ Body: CredentialsBody }>(
      '/auth/register',
      {
        bodyLimit: credentialsBytes,
        schema: {
          body: CredentialsBody,
          querystring: NoQuery,
          response: { 201: AnyTokenAnswer, ...problemAnswers },
        },
      },
      async (request, reply) => {
        const answer = await signIns.register(withDeviceCookie(request, request.body), caller(request));
        reply.code(201);
        return grantTo(request, reply, answer);
      },
    );

    scope.post<{ Body: CredentialsBody }>(
      '/auth/login',
      {
        bodyLimit: credentialsBytes,
        schema: {
          body: CredentialsBody,
          querystring: NoQuery,
          response: { 200: AnyTokenAnswer, ...problemAnswers },
        },
      },
      async (request, reply) =>
        grantTo(
          request,
          reply,
          await signIns.login(withDeviceCookie(request, request.body), caller(request)),
        ),
    );

    scope.post<{ Body: AnyRefreshBody }>(
      '/auth/refresh',
      {
        bodyLimit: refreshBytes,
        schema: {
          body: AnyRefreshBody,
          querystring: NoQuery,
          response: { 200: AnyTokenAnswer, ...problemAnswers },
        },
      },
      async (request, reply) => {
        try {
          return grantTo(request, reply, await signIns.refresh(readRefreshToken(request), caller(request)));
        } catch (error) {
          // A cookie that is good for nothing would be sent for ever.
          const isOver = error instanceof AuthError && error.httpStatus === 401;
          if (isOver && isBrowserClient(request)) clearRefreshCookie(reply);
          throw error;
        }
      },
    );

    scope.post<{ Querystring: LogoutQuery }>(
      '/auth/logout',
      { bodyLimit: 1, schema: { querystring: LogoutQuery, response: problemAnswers } },
      async (request, reply) => {
        const scope = request.query.scope ?? 'local';
        if (isBrowserClient(request) && scope !== 'others') {
          // Whether or not the token is still good: who wants to leave, leaves.
          clearRefreshCookie(reply);
          clearSiteData(reply);
        }
        await signIns.logout(readCredentials(request), scope);
        await noContent(reply);
      },
    );

    passwordRoutes(scope, parts);
    secondFactorRoutes(scope, parts);
    guestRoutes(scope, parts);
    passkeyRoutes(scope, parts);
    deviceRoutes(scope, parts);
    accountRoutes(scope, parts);

    scope.get(
      '/auth/me',
      { schema: { querystring: NoQuery, response: { 200: MeAnswer, ...problemAnswers } } },
      async (request) => await signIns.me(readCredentials(request)),
    );

    scope.get(
      '/.well-known/jwks.json',
      { schema: { querystring: NoQuery, response: { 200: JwksAnswer, ...problemAnswers } } },
      async (_request, reply) => {
        reply.header('cache-control', `public, max-age=${jwksMaxAge}`);
        reply.type('application/jwk-set+json');
        return signIns.jwks();
      },
    );
  };
}

/** From the cookie of a page, from the body of a program; never from the other place. */
function readRefreshToken(request: FastifyRequest<{ Body: AnyRefreshBody }>): string {
  const { body } = request;
  const inBody = 'refresh_token' in body;
  if (isBrowserClient(request) === inBody) {
    throw new AuthError('body_invalid', { rule: 'refresh.place' });
  }
  return inBody ? body.refresh_token : readRefreshCookie(request);
}

async function noContent(reply: FastifyReply): Promise<void> {
  await reply.code(204).send();
}
