import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Logger } from '../../process/logger.ts';
import { type ClosingCode, closings, wireClosings } from '../../protocol/closings.ts';
import { limits } from '../../protocol/limits.ts';
import { playSubprotocol } from '../../protocol/player-messages.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { ClientAddresses } from '../addresses/client-addresses.ts';
import { type ClosingDetail, closingText } from '../fan-out.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import { type ProblemCode, problems, rawProblem } from '../http/problem.ts';
import { pathOf } from '../http/request-faults.ts';
import type { Pipeline, Upgraded } from '../pipeline.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import type { RecentDecisions } from '../policy/decisions/recent-decisions.ts';
import { gameRoute, upgradeKind } from '../policy/filters/kinds.ts';
import { Caller } from '../policy/limits/caller.ts';
import type { Policy } from '../policy/policy.ts';
import type { Callers } from './callers.ts';
import { listenerLimits } from './listener-limits.ts';
import { Liveness } from './liveness.ts';
import { playerTransport } from './player-transport.ts';
import { judgeUpgrade } from './upgrade-request.ts';

export interface PlayEndpointOptions {
  readonly pipeline: Pipeline;
  readonly policy: Policy;
  readonly callers: Callers;
  readonly origins: ReadonlySet<string>;
  readonly addresses: ClientAddresses;
  readonly answerHeaders: AnswerHeaders;
  readonly logger: Logger;
  readonly nextRequestId: () => string;
  readonly decisions: RecentDecisions;
}

/** What `ws` would leave unbounded or generous is set; `closeTimeout` (milliseconds) is newer than its types. */
const webSocketOptions: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  maxPayload: limits.messageBytes,
  maxFragments: limits.messageFragments,
  maxBufferedChunks: 1024,
  // A ping is answered when the policy lets it, and not by itself.
  autoPong: false,
  perMessageDeflate: false,
  closeTimeout: 2_000,
  handleProtocols: (offered) => (offered.has(playSubprotocol) ? playSubprotocol : false),
};

/** Turns upgrade requests into conversations, or refuses them. */
export class PlayEndpoint {
  readonly #options: PlayEndpointOptions;
  readonly #liveness = new Liveness();
  #isDraining = false;
  readonly #webSockets = new WebSocketServer(webSocketOptions);

  constructor(options: PlayEndpointOptions) {
    this.#options = options;
    this.#webSockets.on('headers', (lines: string[], { socket }: IncomingMessage) => {
      const fields = Object.entries(options.answerHeaders(socket));
      for (const [name, value] of fields) lines.push(`${name}: ${value}`);
    });
  }

  /** Accepts no new sockets from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  stop(): void {
    this.#liveness.stop();
  }

  /** For the server's `upgrade` event, which comes for any protocol on any path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { pipeline, policy, callers, addresses, origins } = this.#options;
    const verdict = judgeUpgrade(request, origins);
    if (addresses.ofRequest(request) === undefined) {
      this.#refuse(request, socket, 'request_invalid');
      return;
    }
    const caller = callers.ofRequest(request);
    const origin = request.headers.origin ?? 'none';
    const refusal =
      caller instanceof Caller
        ? policy.request(caller, { route: gameRoute, kind: upgradeKind, origin })
        : caller;
    if (verdict.kind === 'refuse') {
      this.#refuse(request, socket, verdict.problem);
    } else if (this.#isDraining || pipeline.sockets.size >= listenerLimits.sockets) {
      this.#refuse(request, socket, 'unavailable');
    } else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (verdict.kind === 'close') closeUnheard(webSocket, verdict.code);
        else if (refusal !== undefined || !(caller instanceof Caller)) this.#closeRefused(webSocket, refusal);
        else this.#accept({ webSocket, socket, caller, origin, opening: verdict.opening });
      });
    }
  }

  #accept({ webSocket, socket, ...rest }: Accepted): void {
    const transport = playerTransport(webSocket, socket);
    const conversation = this.#options.pipeline.accept({ transport, ...rest });
    const takePong = this.#liveness.watch(webSocket, conversation.socket);
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) webSocket.close(wireClosings.binary_refused, 'binary_refused');
      else conversation.message(data.toString(), data.length);
    });
    webSocket.on('ping', (data) => {
      if (conversation.control()) webSocket.pong(data);
    });
    webSocket.on('pong', () => {
      if (!takePong()) conversation.control();
    });
    webSocket.on('close', () => conversation.gone());
    webSocket.on('error', (error) => {
      // `ws` has answered with the close code that the breach deserves; the end of the socket follows.
      this.#options.logger.debug({ err: error }, 'a player’s socket failed');
    });
  }

  /** A filter says no for good; a budget, for now. */
  #closeRefused(webSocket: PlayWebSocket, refusal: Refusal | undefined): void {
    const requestId = this.#options.nextRequestId();
    const code = refusal?.code === 'filtered' ? 'filtered' : 'overloaded';
    this.#options.logger.info({ requestId, code, rule: refusal?.rule }, 'upgrade refused by a rule');
    this.#note({ requestId, outcome: 'closed', ...refusal, code });
    closeUnheard(webSocket, code, { ...refusal, requestId });
  }

  /** The rest of what the peer sent dies unread with the connection: it must not be taken for another request. */
  #refuse(request: IncomingMessage, socket: Duplex, problem: ProblemCode): void {
    const { addresses, answerHeaders, logger, nextRequestId } = this.#options;
    const client = addresses.ofRequest(request);
    const requestId = nextRequestId();
    const path = pathOf(request.url ?? '');
    const { status, title } = problems[problem];
    logger.info({ requestId, client, path, problem, status }, 'upgrade refused');
    this.#note({ requestId, outcome: 'refused', code: problem, reason: title });
    const headers: Record<string, string> = { ...answerHeaders(socket) };
    if (problem === 'websocket_expected') headers['sec-websocket-version'] = '13';
    if (problem === 'unavailable') headers['retry-after'] = '2';
    socket.once('finish', () => socket.destroy());
    socket.end(rawProblem(problem, requestId, headers));
  }

  #note(
    decision: Pick<Decision, 'requestId' | 'outcome' | 'code' | 'reason' | 'rule' | 'retryAfterMs'>,
  ): void {
    const { requestId, outcome, code, reason, rule, retryAfterMs } = decision;
    const what = { stage: 'upgrade', route: gameRoute, kind: upgradeKind } as const;
    this.#options.decisions.note({ requestId, outcome, code, reason, rule, retryAfterMs, ...what });
  }
}

type PlayWebSocket = Parameters<Parameters<WebSocketServer['handleUpgrade']>[3]>[0];

interface Accepted extends Omit<Upgraded, 'transport'> {
  readonly webSocket: PlayWebSocket;
  readonly socket: Duplex;
}

/** Accepts so that a browser can learn why, and closes without reading a message. */
function closeUnheard(webSocket: PlayWebSocket, code: ClosingCode, detail?: ClosingDetail): void {
  webSocket.on('error', () => webSocket.terminate());
  webSocket.send(closingText(code, detail));
  webSocket.close(closings[code].code, code);
}
