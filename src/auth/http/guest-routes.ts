import type { FastifyInstance } from 'fastify';
import {
  AnyTokenAnswer,
  GuestBody,
  NoQuery,
  problemAnswers,
  UpgradeAnswer,
  UpgradeBody,
} from '../http-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';
import { grantTo, keepDevice, withDeviceCookie } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

/** Bytes of a body with a name and a password, every character of them escaped. */
const credentialsBytes = 8 * 1024;

/** Playing without a password, and keeping what one has played. */
export function guestRoutes(scope: FastifyInstance, { visits, caller }: ScopeParts): void {
  scope.post<{ Body: GuestBody }>(
    '/auth/guest',
    {
      bodyLimit: credentialsBytes,
      schema: {
        body: GuestBody,
        querystring: NoQuery,
        response: { 201: AnyTokenAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const answer = await visits.begin(request.body, caller(request));
      reply.code(201);
      return grantTo(request, reply, answer);
    },
  );

  scope.post<{ Body: UpgradeBody }>(
    '/auth/guest/upgrade',
    {
      bodyLimit: credentialsBytes,
      schema: {
        body: UpgradeBody,
        querystring: NoQuery,
        response: { 200: UpgradeAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const body = withDeviceCookie(request, request.body);
      return keepDevice(request, reply, await visits.upgrade(readCredentials(request), body));
    },
  );
}
