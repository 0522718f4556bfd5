import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import {
  CredentialsBody,
  JwksAnswer,
  LogoutQuery,
  MeAnswer,
  NoQuery,
  Problem,
  RefreshBody,
  TokenAnswer,
} from '../http-schemas.ts';
import type { SignIns } from '../sign-ins.ts';
import { readBearer } from './bearer.ts';
import { sendProblem } from './problem.ts';
import { readStrictly } from './strict-body.ts';

/** Bytes of a body with a name and a password, every character of them escaped. */
const credentialsBytes = 8 * 1024;
const refreshBytes = 1024;
/** Seconds for which others may keep our public keys. */
const jwksMaxAge = 300;

const problems = { '4xx': Problem, '5xx': Problem };

/** The HTTP interface of accounts and sessions, as a plugin that keeps its parsing and its errors to itself. */
export function authRoutes(signIns: SignIns): FastifyPluginAsync {
  return async (scope) => {
    readStrictly(scope);
    scope.setErrorHandler(sendProblem);
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });

    scope.post<{ Body: CredentialsBody }>(
      '/auth/register',
      {
        bodyLimit: credentialsBytes,
        schema: { body: CredentialsBody, querystring: NoQuery, response: { 201: TokenAnswer, ...problems } },
      },
      async ({ body }, reply) => {
        const answer = await signIns.register(body);
        reply.code(201);
        return answer;
      },
    );

    scope.post<{ Body: CredentialsBody }>(
      '/auth/login',
      {
        bodyLimit: credentialsBytes,
        schema: { body: CredentialsBody, querystring: NoQuery, response: { 200: TokenAnswer, ...problems } },
      },
      async ({ body }) => await signIns.login(body),
    );

    scope.post<{ Body: RefreshBody }>(
      '/auth/refresh',
      {
        bodyLimit: refreshBytes,
        schema: { body: RefreshBody, querystring: NoQuery, response: { 200: TokenAnswer, ...problems } },
      },
      async ({ body }) => await signIns.refresh(body.refresh_token),
    );

    scope.post<{ Querystring: LogoutQuery }>(
      '/auth/logout',
      { bodyLimit: 1, schema: { querystring: LogoutQuery, response: problems } },
      async (request, reply) => {
        await signIns.logout(readBearer(request), request.query.scope ?? 'local');
        await noContent(reply);
      },
    );

    scope.get(
      '/auth/me',
      { schema: { querystring: NoQuery, response: { 200: MeAnswer, ...problems } } },
      async (request) => await signIns.me(readBearer(request)),
    );

    scope.get(
      '/.well-known/jwks.json',
      { schema: { querystring: NoQuery, response: { 200: JwksAnswer, ...problems } } },
      async (_request, reply) => {
        reply.header('cache-control', `public, max-age=${jwksMaxAge}`);
        reply.type('application/jwk-set+json');
        return signIns.jwks();
      },
    );
  };
}

async function noContent(reply: FastifyReply): Promise<void> {
  await reply.code(204).send();
}
