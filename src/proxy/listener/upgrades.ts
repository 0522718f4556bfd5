import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Logger } from '../../process/logger.ts';
import type { ClosingCode } from '../../protocol/closings.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { ClientAddresses } from '../addresses/client-addresses.ts';
import { type ClosingDetail, closingText } from '../fan-out.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import { type ProblemCode, problems, rawProblem } from '../http/problem.ts';
import { pathOf } from '../http/request-faults.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import type { RecentDecisions } from '../policy/decisions/recent-decisions.ts';
import { ownRoute, requestKind } from '../policy/filters/kinds.ts';
import { Caller } from '../policy/limits/caller.ts';
import type { Policy, RequestFacts } from '../policy/policy.ts';
import type { Callers } from './callers.ts';
import { judgeUpgrade, type Opening } from './upgrade-request.ts';

/** An upgrade request and what it came on. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What an endpoint does with an upgrade: serves it, or accepts it only to say why not. */
export type Admission =
  | {
      readonly kind: 'serve';
      readonly caller: Caller;
      /** Of the web page that asks; `none` for programs. */
      readonly origin: string;
      readonly opening: Opening;
    }
  | { readonly kind: 'close'; readonly code: ClosingCode; readonly detail?: ClosingDetail };

/** Turns the upgrades of some paths into something. */
export interface UpgradeEndpoint {
  readonly subprotocol: string;
  serves(path: string): boolean;
  /** What filters call an upgrade at this path. */
  filteredAs(path: string): Filtered;
  /** False at its limit, or while draining: nobody is let in then. */
  readonly hasRoom: boolean;
  accept(upgrade: Upgrade, admission: Admission): void;
}

/** What filters, and operators who ask, call an upgrade. */
export type Filtered = Pick<RequestFacts, 'route' | 'kind'>;

/** Where nothing is served. */
const nowhere: Filtered = { route: ownRoute(undefined), kind: requestKind('GET', undefined) };

export interface UpgradesOptions {
  readonly endpoints: readonly UpgradeEndpoint[];
  readonly origins: ReadonlySet<string>;
  readonly addresses: ClientAddresses;
  readonly callers: Callers;
  readonly policy: Policy;
  readonly answerHeaders: AnswerHeaders;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  readonly decisions: RecentDecisions;
}

/** Brings each upgrade to the endpoint of its path, or refuses it. */
export class Upgrades {
  readonly #options: UpgradesOptions;

  constructor(options: UpgradesOptions) {
    this.#options = options;
  }

  /** For the server's `upgrade` event, which comes for any protocol on any path. */
  take(upgrade: Upgrade): void {
    const { request, socket } = upgrade;
    socket.on('error', () => socket.destroy());
    const { endpoints, origins, addresses, callers, policy } = this.#options;
    const path = pathOf(request.url ?? '');
    const endpoint = endpoints.find((each) => each.serves(path));
    const what = endpoint?.filteredAs(path) ?? nowhere;
    const verdict = judgeUpgrade(request, { origins, subprotocol: endpoint?.subprotocol });
    if (addresses.ofRequest(request) === undefined) {
      this.#refuse(upgrade, what, 'request_invalid');
      return;
    }
    const caller = callers.ofRequest(request);
    const origin = request.headers.origin ?? 'none';
    const refusal = caller instanceof Caller ? policy.request(caller, { ...what, origin }) : caller;
    if (verdict.kind === 'refuse') this.#refuse(upgrade, what, verdict.problem);
    else if (endpoint?.hasRoom !== true) this.#refuse(upgrade, what, 'unavailable');
    else if (verdict.kind === 'close') {
      const { code, reason } = verdict;
      endpoint.accept(upgrade, { kind: 'close', code, ...(reason !== undefined && { detail: { reason } }) });
    } else if (refusal !== undefined || !(caller instanceof Caller)) {
      endpoint.accept(upgrade, this.#refused(what, caller, refusal));
    } else endpoint.accept(upgrade, { kind: 'serve', caller, origin, opening: verdict.opening });
  }

  /** A filter says no for good; a budget, for now. */
  #refused(what: Filtered, caller: Caller | Refusal, refusal: Refusal | undefined): Admission {
    const { logger, nextRequestId } = this.#options;
    const requestId = nextRequestId();
    const code = refusal?.code === 'filtered' ? 'filtered' : 'overloaded';
    logger.info({ requestId, code, rule: refusal?.rule }, 'upgrade refused by a rule');
    if (caller instanceof Caller) this.#options.policy.known(caller, requestId);
    this.#note(what, { requestId, outcome: 'closed', ...refusal, code });
    return { kind: 'close', code, detail: { ...refusal, requestId } };
  }

  /** The rest of what the peer sent dies unread with the connection: it must not be taken for another request. */
  #refuse({ request, socket }: Upgrade, what: Filtered, problem: ProblemCode): void {
    const { addresses, answerHeaders, logger, nextRequestId } = this.#options;
    const client = addresses.ofRequest(request);
    const requestId = nextRequestId();
    const path = pathOf(request.url ?? '');
    const { status, title } = problems[problem];
    logger.info({ requestId, client, path, problem, status }, 'upgrade refused');
    this.#note(what, { requestId, outcome: 'refused', code: problem, reason: title });
    const headers: Record<string, string> = { ...answerHeaders(socket) };
    if (problem === 'websocket_expected') headers['sec-websocket-version'] = '13';
    if (problem === 'unavailable') headers['retry-after'] = '2';
    socket.once('finish', () => socket.destroy());
    socket.end(rawProblem(problem, requestId, headers));
  }

  #note(
    what: Filtered,
    decision: Pick<Decision, 'requestId' | 'outcome' | 'code' | 'reason' | 'rule' | 'retryAfterMs'>,
  ): void {
    const { requestId, outcome, code, reason, rule, retryAfterMs } = decision;
    const about = { stage: 'upgrade', ...what } as const;
    this.#options.decisions.note({ requestId, outcome, code, reason, rule, retryAfterMs, ...about });
  }
}

export interface WebSocketServerOptions {
  readonly subprotocol: string;
  /** Of one message, all fragments together. */
  readonly messageBytes: number;
  readonly fragments: number;
  readonly answerHeaders: AnswerHeaders;
}

/** What makes WebSockets of upgrades. Everything that `ws` would leave unbounded or generous is set. */
export function webSocketServer({
  subprotocol,
  messageBytes,
  fragments,
  answerHeaders,
}: WebSocketServerOptions): WebSocketServer {
  // `closeTimeout` (milliseconds) is newer than the types.
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: messageBytes,
    maxFragments: fragments,
    maxBufferedChunks: 1024,
    // A ping is answered when the policy lets it, and not by itself.
    autoPong: false,
    perMessageDeflate: false,
    closeTimeout: 2_000,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  };
  const server = new WebSocketServer(options);
  server.on('headers', (lines: string[], { socket }: IncomingMessage) => {
    for (const [name, value] of Object.entries(answerHeaders(socket))) lines.push(`${name}: ${value}`);
  });
  return server;
}

export type AcceptedWebSocket = Parameters<Parameters<WebSocketServer['handleUpgrade']>[3]>[0];

/** Closes an accepted socket without reading a message; it was accepted so that a browser can learn why. */
export function closeUnheard(webSocket: AcceptedWebSocket, { name, detail, ...closing }: Unheard): void {
  webSocket.on('error', () => webSocket.terminate());
  webSocket.send(closingText(closing, detail));
  webSocket.close(closing.code, name);
}

export interface Unheard {
  readonly code: number;
  readonly name: string;
  readonly text: string;
  readonly detail?: ClosingDetail | undefined;
}
