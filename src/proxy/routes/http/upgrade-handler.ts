/** WebSockets of one `http` route: whom it lets through, and what ends them. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { AuthError } from '../../../auth/index.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import { type ProblemCode, problems, rawProblem } from '../../http/problem.ts';
import { pathOf } from '../../http/request-faults.ts';
import { type Admission, admit, readAim } from './admission.ts';
import type { ResponseHead } from './exchange.ts';
import { factsOf } from './facts-of.ts';
import type { EarlyRefusal, HttpRouteHandlerOptions } from './http-route-handler.ts';
import { requestFields } from './request-fields.ts';
import { responseFields } from './response-fields.ts';
import { type Governed, UnderWay } from './under-way.ts';
import { askForSwitch, type UpgradeOutcome } from './upgrade.ts';
import { handshakeFault, handshakeFields } from './websocket-handshake.ts';
import { relay } from './websocket-relay.ts';

type Admitted = Extract<Admission, { readonly kind: 'admitted' }>;
type Switched = Extract<UpgradeOutcome, { readonly kind: 'switched' }>;

/** One upgrade request and its connection. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly requestId: string;
}

export class UpgradeHandler {
  readonly #options: HttpRouteHandlerOptions;
  readonly #underWay = new UnderWay();

  constructor(options: HttpRouteHandlerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#underWay.size;
  }

  endSession(session: SessionId): void {
    this.#underWay.endSession(session);
  }

  endWhere(matches: (governed: Governed) => boolean): void {
    this.#underWay.endWhere(matches);
  }

  endAll(): void {
    this.#underWay.endAll();
  }

  /** An upgrade that is refused before anything looks at its meaning. */
  refuse(request: IncomingMessage, socket: Duplex, { problem, retryAfterMs }: EarlyRefusal): void {
    const requestId = this.#options.parts.nextRequestId();
    this.#refuse({ request, socket, head: Buffer.alloc(0), requestId }, problem, retryAfterMs);
  }

  /** Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { route, parts } = this.#options;
    const upgrade: Upgrade = { request, socket, head, requestId: parts.nextRequestId() };
    try {
      const fault = handshakeFault(request);
      if (fault !== undefined) {
        this.#refuse(upgrade, fault);
        return;
      }
      const aim = readAim(request, { route, isUpgrade: true });
      if (aim.kind !== 'aimed') {
        this.#refuse(upgrade, aim.kind === 'refused' ? aim.problem : 'not_found');
        return;
      }
      const admission = await admit(request, aim, { route, visitors: parts.visitors, isUpgrade: true });
      if (admission.kind === 'admitted') await this.#pass(upgrade, admission);
      else this.#refuse(upgrade, admission.kind === 'refused' ? admission.problem : 'not_found');
    } catch (error) {
      if (error instanceof AuthError && error.code === 'session_ended') {
        this.#refuse(upgrade, 'session_ended');
        return;
      }
      const isStore = error instanceof AuthError && error.httpStatus === 503;
      if (!isStore) parts.logger.error({ err: error, route: route.name }, 'upgrade failed');
      this.#refuse(upgrade, isStore ? 'unavailable' : 'internal');
    }
  }

  async #pass(upgrade: Upgrade, admission: Admitted): Promise<void> {
    const { route, parts, upstreams } = this.#options;
    const { visitor, target } = admission;
    const { webSockets, webSocketsPerPlayer } = route.limits;
    if (this.#underWay.size >= webSockets) {
      this.#refuse(upgrade, 'unavailable', 2_000);
      return;
    }
    if (this.#underWay.of(visitor?.pseudonym) >= webSocketsPerPlayer) {
      this.#refuse(upgrade, 'rate_limited');
      return;
    }
    const gone = new AbortController();
    let end = (): void => {
      upgrade.socket.destroy();
    };
    const governed: Governed = {
      visitor,
      facts: {
        ...factsOf(upgrade.request, route),
        address: parts.addresses.ofRequest(upgrade.request) ?? '',
      },
      owner: visitor?.pseudonym,
      end: () => end(),
    };
    this.#underWay.add(governed);
    upgrade.socket.once('close', () => {
      this.#underWay.delete(governed);
      gone.abort();
    });
    // From here on an end of the session finds this; the question covers what came before.
    const [assertion] = await Promise.all([
      visitor && parts.assertions.about(visitor, route),
      visitor && parts.requireLive(visitor),
    ]);
    const outcome = await askForSwitch({
      request: upgrade.request,
      target,
      fields: {
        ...requestFields(upgrade.request, { route, assertion }),
        ...handshakeFields(upgrade.request),
      },
      key: visitor?.pseudonym ?? parts.addresses.ofRequest(upgrade.request) ?? '',
      upstreams,
      signal: gone.signal,
      totalMs: route.limits.totalMs,
    });
    switch (outcome.kind) {
      case 'switched':
        end = this.#switch(upgrade, outcome, target);
        return;
      case 'answered':
        this.#answer(upgrade, outcome, target);
        return;
      case 'failed':
        this.#refuse(upgrade, outcome.fault.problem, outcome.fault.retryAfterMs);
    }
  }

  /** Gives the way to end it. */
  #switch(
    { request, socket, head, requestId }: Upgrade,
    { fields, socket: upstream, end }: Switched,
    target: string,
  ): () => void {
    const { route, parts } = this.#options;
    const { logger, metrics } = parts;
    const lines = this.#lines(request, { status: 101, fields }, target);
    if (socket.destroyed || lines === undefined) {
      end();
      upstream.destroy();
      socket.destroy();
      return () => {};
    }
    const handshake = ['connection', 'Upgrade', 'upgrade', 'websocket'];
    socket.write(rawHead(101, [...handshake, ...lines]));
    logger.info({ requestId, route: route.name, path: pathOf(request.url ?? '') }, 'websocket passed on');
    return relay({
      client: socket,
      clientHead: head,
      upstream,
      idleMs: route.limits.webSocketIdleMs,
      totalMs: route.limits.webSocketTotalMs,
      onOver: (outcome) => {
        end();
        metrics.webSocketEnded(route.name, outcome);
        logger.info({ requestId, route: route.name, ...outcome }, 'websocket over');
      },
    });
  }

  /** The upstream's own refusal, with what it says. */
  #answer(
    upgrade: Upgrade,
    { status, fields, body }: Extract<UpgradeOutcome, { readonly kind: 'answered' }>,
    target: string,
  ): void {
    const { request, socket } = upgrade;
    const { 'content-length': _length, ...rest } = fields;
    const lines = this.#lines(request, { status, fields: rest }, target);
    if (lines === undefined) {
      this.#refuse(upgrade, 'upstream_answer_refused');
      return;
    }
    socket.once('finish', () => socket.destroy());
    socket.write(rawHead(status, [...lines, 'content-length', String(body.length), 'connection', 'close']));
    socket.end(body);
  }

  #lines(request: IncomingMessage, head: ResponseHead, target: string): string[] | undefined {
    const { route, upstreams, parts } = this.#options;
    const strictTransport = parts.headers(request.socket)['strict-transport-security'];
    const host = request.headers.host ?? '';
    return responseFields(head, {
      route,
      authorities: upstreams.authorities,
      target,
      host,
      strictTransport,
    });
  }

  /** The rest of what the peer sent dies unread with the connection: it must not be taken for another request. */
  #refuse({ request, socket, requestId }: Upgrade, problem: ProblemCode, retryAfterMs?: number): void {
    const { route, parts } = this.#options;
    const { status } = problems[problem];
    const path = pathOf(request.url ?? '');
    parts.logger.info({ requestId, route: route.name, path, problem, status }, 'upgrade refused');
    if (socket.destroyed) return;
    const fields: Record<string, string> = { ...parts.headers(socket) };
    if (problem === 'websocket_expected') fields['sec-websocket-version'] = '13';
    if (status === 401) fields['www-authenticate'] = 'Bearer';
    if (retryAfterMs !== undefined) fields['retry-after'] = String(Math.ceil(retryAfterMs / 1_000));
    socket.once('finish', () => socket.destroy());
    socket.end(rawProblem(problem, requestId, fields));
  }
}

/** A status line and fields, given as names and values in turn. Values come from undici's parser or from here: none has a line end. */
function rawHead(status: number, lines: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (let index = 0; index < lines.length; index += 2) text += `${lines[index]}: ${lines[index + 1]}\r\n`;
  return `${text}\r\n`;
}
