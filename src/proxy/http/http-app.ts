/** Everything over HTTPS that is not a WebSocket: accounts, the list of games, one page. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { type Auth, AuthError, answerProblem } from '../../auth/index.ts';
import type { Logger } from '../../process/logger.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { ClientAddresses } from '../addresses/client-addresses.ts';
import type { Backends } from '../link/backends.ts';
import { listenerLimits } from '../listener/listener-limits.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import { ownRoute, requestKind } from '../policy/filters/kinds.ts';
import type { RequestFacts } from '../policy/policy.ts';
import type { AnswerHeaders } from './answer-headers.ts';
import type { DistrustedConnections } from './distrusted-connections.ts';
import { homePage } from './home-page.ts';
import {
  type ProblemCode,
  type ProblemDetail,
  ProblemError,
  problemBody,
  problems,
  problemType,
} from './problem.ts';
import { pathOf, requestFault } from './request-faults.ts';

export interface HttpAppOptions {
  readonly auth: Pick<Auth, 'routes'>;
  readonly backends: Pick<Backends, 'games' | 'state'>;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  /** Told of every request that was refused, and of each that took long by its own measure. */
  readonly onAnswer: (answer: Answered) => void;
  readonly addresses: ClientAddresses;
  readonly distrusted: DistrustedConnections;
  readonly answerHeaders: AnswerHeaders;
  /** The policy's word on a request; `undefined` when it may pass. */
  readonly refuse: (request: IncomingMessage, facts: RequestFacts) => Refusal | undefined;
  /** This process serves what has come, and no more: whoever asks again is to connect anew. */
  readonly isDraining?: () => boolean;
  /** The page in the browser; without one, `/` says in words how to play. */
  readonly page?: FastifyPluginAsync | undefined;
  /** What other parts answer over HTTP. */
  readonly plugins?: readonly FastifyPluginAsync[];
  /** Makes the server that will serve the app; it is listened on elsewhere. */
  readonly serverFor: (onRequest: RequestListener) => Server;
}

/** One HTTP request that has its answer. */
export interface Answered {
  readonly requestId: string;
  readonly route: string;
  readonly kind: string;
  readonly status: number;
  readonly tookMs: number;
  /** What the problem document says, when the answer is one. */
  readonly problem: Pick<Decision, 'code' | 'reason' | 'rule' | 'retryAfterMs'>;
}

export type HttpApp = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger>;

/** The methods that any address here may have; what else a path knows is found by asking the router. */
const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Builds the app, ready to serve. */
export async function createHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const {
    auth,
    backends,
    logger,
    nextRequestId,
    onAnswer,
    addresses,
    distrusted,
    answerHeaders,
    refuse,
    isDraining = () => false,
    page = wordsAlone,
    plugins = [],
    serverFor,
  } = options;
  const sendProblem = async (reply: FastifyReply, code: ProblemCode, detail: ProblemDetail = {}) =>
    await reply
      .code(problems[code].status)
      .headers(answerHeaders(reply.request.raw.socket))
      .header('content-type', problemType)
      .send(problemBody(code, reply.request.id, detail));

  /** RFC 9110 section 10.2.3: `Retry-After` counts whole seconds; the document is exact. */
  const sendRefusal = async (reply: FastifyReply, { code, rule, retryAfterMs }: Refusal) => {
    if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
    return await sendProblem(reply, code === 'filtered' ? code : 'rate_limited', { rule, retryAfterMs });
  };

  const app: HttpApp = Fastify<Server>({
    serverFactory: (onRequest) => serverFor(onRequest as RequestListener),
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: listenerLimits.bodyBytes,
    genReqId: nextRequestId,
    requestIdHeader: false,
    trustProxy: false,
    return503OnClosing: true,
    frameworkErrors: (_error, _request, reply) => void sendProblem(reply as FastifyReply, 'request_invalid'),
    routerOptions: { caseSensitive: true, maxParamLength: 100 },
  });

  const clientOf = (request: FastifyRequest) => addresses.ofRequest(request.raw);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(answerHeaders(request.raw.socket));
    if (isDraining()) reply.header('connection', 'close');
    const fault =
      requestFault(request.raw) ?? (clientOf(request) === undefined ? 'request_invalid' : undefined);
    if (fault !== undefined) {
      // Whatever follows on a connection whose request was ambiguous cannot be trusted to be a request.
      distrusted.add(request.raw.socket);
      reply.header('connection', 'close');
      await sendProblem(reply, fault);
      return;
    }
    const refusal = refuse(request.raw, {
      ...placeOf(request),
      origin: request.headers.origin ?? 'none',
      requestId: request.id,
    });
    if (refusal !== undefined) await sendRefusal(reply, refusal);
  });
  const problemsSent = new WeakMap<FastifyRequest, Answered['problem']>();
  app.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode >= 400) problemsSent.set(request, readProblem(payload));
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    onAnswer({
      requestId: request.id,
      ...placeOf(request),
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
      problem: problemsSent.get(request) ?? {},
    });
    request.log.info(
      {
        client: clientOf(request),
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof AuthError) await answerProblem(error, request, reply);
    else await sendProblem(reply, problemOf(error, request));
    return reply;
  });
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = allowedMethods(app, pathOf(request.url));
    if (allowed.length === 0) return await sendProblem(reply, 'not_found');
    reply.header('allow', allowed.join(', '));
    return await sendProblem(reply, 'method_not_allowed');
  });

  app.get('/api/games', async (_request, reply) => {
    if (backends.state !== 'up' && backends.games.length === 0) {
      reply.header('retry-after', '2');
      return await sendProblem(reply, 'unavailable');
    }
    return { games: backends.games };
  });
  await app.register(auth.routes, { clientAddress: (request) => clientOf(request) ?? 'unknown' });
  for (const plugin of plugins) await app.register(plugin);
  await app.register(page);
  await app.ready();
  return app;
}

const wordsAlone: FastifyPluginAsync = async (scope) => {
  scope.get('/', async (request, reply) => {
    reply.type('text/html; charset=utf-8');
    return homePage(`https://${request.headers.host ?? 'localhost'}`);
  });
};

function placeOf({ method, routeOptions: { url } }: FastifyRequest): { route: string; kind: string } {
  return { route: ownRoute(url), kind: requestKind(method, url) };
}

/** A document that this server made, whichever part of it. */
function readProblem(payload: unknown): Answered['problem'] {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return {};
  const { code, title, rule, retryAfterMs } = JSON.parse(payload) as { [name: string]: never };
  return { code, reason: title, rule, retryAfterMs };
}

function problemOf(error: unknown, request: FastifyRequest): ProblemCode {
  if (error instanceof ProblemError) return error.code;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  switch (status) {
    case 400:
      return 'body_invalid';
    case 413:
      return 'body_too_large';
    case 415:
      return 'media_type_unsupported';
    case 503:
      return 'unavailable';
    default:
      request.log.error({ err: error }, 'request failed');
      return 'internal';
  }
}

function allowedMethods(app: HttpApp, path: string): string[] {
  return knownMethods.filter((method) => app.findRoute({ url: path, method }) !== null);
}
