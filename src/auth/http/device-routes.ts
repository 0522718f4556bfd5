import type { FastifyInstance } from 'fastify';
import {
  AnyTokenAnswer,
  DeviceApproveBody,
  DeviceBody,
  DeviceStartedAnswer,
  DeviceTokenBody,
  NoQuery,
  problemAnswers,
  UserCodeBody,
  WaitingTerminalAnswer,
} from '../http-schemas.ts';
import type { ScopeParts } from './auth-parts.ts';
import { grantTo, withDeviceCookie } from './browser-client.ts';
import { readCredentials } from './credentials.ts';

const smallBytes = 1024;
/** Bytes of a code, with a password, every character of it escaped, or with what a passkey answers. */
const approveBytes = 16 * 1024;

/** Signing in a terminal by a browser (RFC 8628). */
export function deviceRoutes(scope: FastifyInstance, { deviceSignIns, caller }: ScopeParts): void {
  scope.post<{ Body: DeviceBody }>(
    '/auth/device',
    {
      bodyLimit: smallBytes,
      schema: {
        body: DeviceBody,
        querystring: NoQuery,
        response: { 200: DeviceStartedAnswer, ...problemAnswers },
      },
    },
    async (request) =>
      await deviceSignIns.begin(request.body, {
        caller: caller(request),
        userAgent: request.headers['user-agent'],
      }),
  );

  scope.post<{ Body: DeviceTokenBody }>(
    '/auth/device/token',
    {
      bodyLimit: smallBytes,
      schema: {
        body: DeviceTokenBody,
        querystring: NoQuery,
        response: { 200: AnyTokenAnswer, ...problemAnswers },
      },
    },
    async (request, reply) =>
      grantTo(
        request,
        reply,
        await deviceSignIns.token(withDeviceCookie(request, request.body), caller(request)),
      ),
  );

  scope.post<{ Body: UserCodeBody }>(
    '/auth/device/look',
    {
      bodyLimit: smallBytes,
      schema: {
        body: UserCodeBody,
        querystring: NoQuery,
        response: { 200: WaitingTerminalAnswer, ...problemAnswers },
      },
    },
    async (request) =>
      await deviceSignIns.look(readCredentials(request), request.body.user_code, caller(request)),
  );

  scope.post<{ Body: DeviceApproveBody }>(
    '/auth/device/approve',
    {
      bodyLimit: approveBytes,
      schema: { body: DeviceApproveBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await deviceSignIns.approve(readCredentials(request), request.body, caller(request));
      await reply.code(204).send();
    },
  );

  scope.post<{ Body: UserCodeBody }>(
    '/auth/device/deny',
    {
      bodyLimit: smallBytes,
      schema: { body: UserCodeBody, querystring: NoQuery, response: problemAnswers },
    },
    async (request, reply) => {
      await deviceSignIns.deny(readCredentials(request), request.body.user_code, caller(request));
      await reply.code(204).send();
    },
  );
}
