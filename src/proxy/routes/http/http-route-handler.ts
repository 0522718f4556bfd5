/**
 * One `http` route at work.
 *
 * ```
 *   request ─▶ admission ─▶ room ─▶ assertion ─▶ cache, if there is one ─▶ upstream ─▶ answer
 *   upgrade ─▶ handshake ─▶ admission ─▶ room ─▶ assertion ─▶ upstream ─▶ bytes both ways
 * ```
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AuthError, type Session } from '../../../auth/index.ts';
import type { Logger } from '../../../process/logger.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { ClientAddresses } from '../../addresses/client-addresses.ts';
import type { AnswerHeaders } from '../../http/answer-headers.ts';
import type { DistrustedConnections } from '../../http/distrusted-connections.ts';
import type { Answered } from '../../http/http-app.ts';
import type { ProblemCode, ProblemDetail } from '../../http/problem.ts';
import { pathOf } from '../../http/request-faults.ts';
import { type Admission, admit, methods, readAim } from './admission.ts';
import { askUpstream } from './ask-upstream.ts';
import { assertionField } from './assertion-field.ts';
import type { Assertions } from './assertions.ts';
import type { HttpCache } from './cache/http-cache.ts';
import type { Fetch } from './exchange.ts';
import { factsOf } from './facts-of.ts';
import type { Fields } from './fields.ts';
import { HttpAnswer } from './http-answer.ts';
import type { HttpRoute } from './http-route.ts';
import type { HttpRouteMetrics, RouteCounts } from './http-route-metrics.ts';
import type { HttpUpstreams } from './http-upstreams.ts';
import { type LocationOptions, targetOf } from './location.ts';
import { hasBody, RequestBody } from './request-body.ts';
import { requestFields } from './request-fields.ts';
import { kindOf } from './request-target.ts';
import { responseFields } from './response-fields.ts';
import { type HandInOptions, handIn } from './sign-in/hand-in.ts';
import type { Visitor } from './sign-in/visitor.ts';
import type { Visitors } from './sign-in/visitors.ts';
import { type Governed, UnderWay } from './under-way.ts';
import { UpgradeHandler } from './upgrade-handler.ts';

export interface RouteParts {
  readonly visitors: Visitors;
  readonly assertions: Assertions;
  readonly addresses: Pick<ClientAddresses, 'ofRequest'>;
  /** @throws AuthError `session_ended` */
  readonly requireLive: (session: Pick<Session, 'player' | 'session'>) => Promise<void>;
  readonly metrics: HttpRouteMetrics;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  readonly headers: AnswerHeaders;
  readonly distrusted: DistrustedConnections;
  readonly isDraining: () => boolean;
  /** Milliseconds after which the listener ends a connection on which nothing moves. */
  readonly idleMs: () => number;
  readonly onAnswer: (answer: Answered) => void;
}

export interface HttpRouteHandlerOptions {
  readonly route: HttpRoute;
  readonly upstreams: HttpUpstreams;
  readonly cache: HttpCache | undefined;
  readonly parts: RouteParts;
}

/** Why a request is refused before anything looks at what it is for. */
export interface EarlyRefusal extends ProblemDetail {
  readonly problem: ProblemCode;
}

type Admitted = Extract<Admission, { readonly kind: 'admitted' }>;

/** Milliseconds by which the client's socket may be quiet for longer than its upstream, so that it hears why. */
const graceMs = 5_000;

export class HttpRouteHandler {
  readonly route: HttpRoute;
  readonly #options: HttpRouteHandlerOptions;
  readonly #requests = new UnderWay();
  readonly #upgrades: UpgradeHandler;

  constructor(options: HttpRouteHandlerOptions) {
    this.route = options.route;
    this.#options = options;
    this.#upgrades = new UpgradeHandler(options);
  }

  get counts(): Omit<RouteCounts, 'cache'> {
    return { route: this.route.name, requests: this.#requests.size, webSockets: this.#upgrades.size };
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { route } = this;
    const { visitors, nextRequestId } = this.#options.parts;
    const requestId = nextRequestId();
    const asked = { target: '/' };
    const answer = this.#answer(request, { response, requestId, asked });
    const aim = readAim(request, { route, isUpgrade: false });
    if (aim.kind === 'refused') {
      this.#refuse(request, answer, aim.problem);
      return;
    }
    if (aim.kind === 'elsewhere') {
      answer.elsewhere(aim);
      return;
    }
    try {
      const admission = await admit(request, aim, { route, visitors, isUpgrade: false });
      if (response.destroyed) return;
      if (admission.kind === 'refused') {
        this.#refuse(request, answer, admission.problem);
      } else if (admission.kind === 'elsewhere') {
        answer.elsewhere(admission);
      } else if (this.#requests.size >= route.limits.requests) {
        answer.problem('unavailable', { retryAfterMs: 1_000 });
      } else if (this.#hasTooMany(request, admission.visitor)) {
        answer.problem('rate_limited', { rule: 'requests.player', retryAfterMs: 1_000 });
      } else {
        asked.target = admission.target;
        await this.#pass(request, { response, answer, admission });
      }
    } catch (error) {
      this.#failed(answer, error);
    }
  }

  /** A request that is refused before anything looks at its meaning. */
  refuse(request: IncomingMessage, response: ServerResponse, refusal: EarlyRefusal): void {
    const { nextRequestId } = this.#options.parts;
    const asked = { target: '/' };
    const answer = this.#answer(request, { response, requestId: nextRequestId(), asked });
    const { problem, ...detail } = refusal;
    this.#refuse(request, answer, problem, detail);
  }

  refuseUpgrade(request: IncomingMessage, socket: Duplex, refusal: EarlyRefusal): void {
    this.#upgrades.refuse(request, socket, refusal);
  }

  /** The form that signs a browser in here. Never rejects. */
  async takeEntry(
    request: IncomingMessage,
    response: ServerResponse,
    options: Pick<HandInOptions, 'auth' | 'now'>,
  ): Promise<void> {
    const { nextRequestId } = this.#options.parts;
    const answer = this.#answer(request, { response, requestId: nextRequestId(), asked: { target: '/' } });
    try {
      if (request.headers.expect !== undefined) response.writeContinue();
      const outcome = await handIn(request, { ...options, route: this.route });
      if (outcome.kind === 'refused') answer.problem(outcome.problem);
      else answer.elsewhere({ status: 303, location: outcome.location, cookie: outcome.cookie });
    } catch (error) {
      this.#failed(answer, error);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    await this.#upgrades.upgrade(request, socket, head);
  }

  endSession(session: SessionId): void {
    this.#requests.endSession(session);
    this.#upgrades.endSession(session);
  }

  /** Ends what would not be let in now. */
  endWhere(matches: (governed: Governed) => boolean): void {
    this.#requests.endWhere(matches);
    this.#upgrades.endWhere(matches);
  }

  endWebSockets(): void {
    this.#upgrades.endAll();
  }

  /** Ends everything under way. */
  close(): void {
    this.#requests.endAll();
    this.#upgrades.endAll();
  }

  #refuse(
    request: IncomingMessage,
    answer: HttpAnswer,
    problem: ProblemCode,
    detail: ProblemDetail = {},
  ): void {
    const fields = explained(problem);
    if (!ambiguous.has(problem)) {
      answer.problem(problem, { ...detail, fields });
      return;
    }
    this.#options.parts.distrusted.add(request.socket);
    answer.problem(problem, { ...detail, fields: { ...fields, connection: 'close' } });
  }

  #failed(answer: HttpAnswer, error: unknown): void {
    if (error instanceof AuthError && error.httpStatus === 503) {
      answer.problem('unavailable', { retryAfterMs: 1_000 });
      return;
    }
    this.#options.parts.logger.error({ err: error, route: this.route.name }, 'request failed');
    answer.problem('internal');
  }

  /** One request after it was admitted. */
  async #pass(
    request: IncomingMessage,
    {
      response,
      answer,
      admission,
    }: { readonly response: ServerResponse; readonly answer: HttpAnswer; readonly admission: Admitted },
  ): Promise<void> {
    const { route } = this;
    const { parts, cache } = this.#options;
    const { visitor, target } = admission;
    const governed: Governed = {
      visitor,
      facts: { ...factsOf(request, route), address: parts.addresses.ofRequest(request) ?? '' },
      owner: this.#ownerOf(request, visitor),
      end: () => response.destroy(),
    };
    this.#requests.add(governed);
    response.once('close', () => this.#requests.delete(governed));
    const assertion = visitor && (await parts.assertions.about(visitor, route));
    if (response.destroyed) return;

    this.#waitLonger(request, response);
    const method = request.method ?? '';
    const fields = requestFields(request, { route, assertion: undefined });
    const body = this.#body(request, response);
    const fetch = this.#fetch({ request, admission, assertion, body });
    if (cache === undefined) {
      answer.whenGone(fetch(fields, answer));
      return;
    }
    const location = this.#location(request, target);
    cache.serve({
      address: { route: route.name, target },
      method,
      owner: visitor?.pseudonym ?? '',
      isCredentialed: visitor !== undefined || fields.cookie !== undefined,
      fields,
      hasQuery: target.includes('?'),
      keyedBy: [...route.requestFields],
      fetch,
      answer,
      targetOf: (reference) => targetOf(reference, location),
    });
  }

  /** A player, or an address where nobody signs in: one of them must not take all connections to the upstreams. */
  #ownerOf(request: IncomingMessage, visitor: Visitor | undefined): string | undefined {
    return visitor?.pseudonym ?? this.#options.parts.addresses.ofRequest(request);
  }

  #hasTooMany(request: IncomingMessage, visitor: Visitor | undefined): boolean {
    return this.#requests.of(this.#ownerOf(request, visitor)) >= this.route.limits.requestsPerPlayer;
  }

  #fetch({
    request,
    admission: { target, visitor },
    assertion,
    body,
  }: {
    readonly request: IncomingMessage;
    readonly admission: Admitted;
    readonly assertion: string | undefined;
    readonly body: RequestBody | undefined;
  }): Fetch {
    const { upstreams, parts } = this.#options;
    const { name, limits } = this.route;
    const key = this.#ownerOf(request, visitor) ?? '';
    return (given, receiver) => {
      const fields: Fields = assertion === undefined ? given : { ...given, [assertionField]: assertion };
      return askUpstream(
        { method: request.method ?? '', target, fields, body, key, totalMs: limits.totalMs },
        receiver,
        { upstreams, onRetry: (because) => parts.metrics.retried(name, because) },
      );
    };
  }

  #body(request: IncomingMessage, response: ServerResponse): RequestBody | undefined {
    if (!hasBody(request)) return undefined;
    // The body is asked for only now that it is known to be wanted (RFC 9110 section 10.1.1).
    if (request.headers.expect !== undefined) response.writeContinue();
    return new RequestBody(request, this.route.limits.requestBodyBytes);
  }

  #answer(
    request: IncomingMessage,
    {
      response,
      requestId,
      asked,
    }: {
      readonly response: ServerResponse;
      readonly requestId: string;
      /** What the upstream is asked for, once that is known. */
      readonly asked: { readonly target: string };
    },
  ): HttpAnswer {
    const { name } = this.route;
    const { metrics, logger, addresses, isDraining, onAnswer, headers: headersOn } = this.#options.parts;
    const headers = headersOn(request.socket);
    const startedAt = performance.now();
    return new HttpAnswer({
      response,
      requestId,
      headers,
      fieldsFor: (head) =>
        responseFields(head, {
          ...this.#location(request, asked.target),
          strictTransport: headers['strict-transport-security'],
        }),
      isLast: isDraining,
      onOver: ({ status, bytes, problem }) => {
        const ms = performance.now() - startedAt;
        metrics.answered(name, { status, seconds: ms / 1000, bytes });
        const { method = '', url = '' } = request;
        // What the upstream says no to is its own affair.
        if (problem !== undefined || status < 400) {
          const kind = kindOf(this.route, method);
          onAnswer({ requestId, route: name, kind, status, tookMs: ms, problem: problem ?? {} });
        }
        const client = addresses.ofRequest(request);
        logger.info(
          { requestId, client, route: name, method, path: pathOf(url), status, ms: Math.round(ms) },
          'request',
        );
      },
    });
  }

  #location(request: IncomingMessage, target: string): LocationOptions {
    const { authorities } = this.#options.upstreams;
    return { route: this.route, authorities, target, host: request.headers.host ?? '' };
  }

  /** The listener's own bound would end the connection before the route's could say why. */
  #waitLonger({ socket }: IncomingMessage, response: ServerResponse): void {
    const { firstByteMs, idleMs } = this.route.limits;
    const needed = Math.max(firstByteMs, idleMs) + graceMs;
    const usual = this.#options.parts.idleMs();
    if (needed <= usual) return;
    socket.setTimeout(needed);
    response.once('close', () => socket.setTimeout(usual));
  }
}

/** After these, what follows on the connection cannot be trusted to be a request. */
const ambiguous: ReadonlySet<ProblemCode> = new Set([
  'request_invalid',
  'header_too_large',
  'http_version_unsupported',
]);

function explained(problem: ProblemCode): Readonly<Record<string, string>> {
  if (problem === 'not_signed_in' || problem === 'session_ended') return { 'www-authenticate': 'Bearer' };
  if (problem === 'method_not_allowed') return { allow: methods.join(', ') };
  return {};
}
