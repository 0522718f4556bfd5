import type { WebSocketServer } from 'ws';
import type { Logger } from '../../process/logger.ts';
import { closings, wireClosings } from '../../protocol/closings.ts';
import { limits } from '../../protocol/limits.ts';
import { playPath, playSubprotocol } from '../../protocol/player-messages.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import type { Pipeline } from '../pipeline.ts';
import { gameRoute, upgradeKind } from '../policy/filters/kinds.ts';
import { listenerLimits } from './listener-limits.ts';
import type { Liveness } from './liveness.ts';
import { playerTransport } from './player-transport.ts';
import {
  type AcceptedWebSocket,
  type Admission,
  closeUnheard,
  type Upgrade,
  type UpgradeEndpoint,
  webSocketServer,
} from './upgrades.ts';

export interface PlayEndpointOptions {
  readonly pipeline: Pipeline;
  readonly liveness: Liveness;
  readonly answerHeaders: AnswerHeaders;
  readonly logger: Logger;
  /** Told when a socket ends since what came on it breaks the WebSocket protocol. */
  readonly onBreach: (closing: keyof typeof wireClosings) => void;
}

/** Turns upgrades at `/play` into conversations. */
export class PlayEndpoint implements UpgradeEndpoint {
  readonly subprotocol = playSubprotocol;
  readonly #options: PlayEndpointOptions;
  #isDraining = false;
  readonly #webSockets: WebSocketServer;

  constructor(options: PlayEndpointOptions) {
    this.#options = options;
    this.#webSockets = webSocketServer({
      subprotocol: playSubprotocol,
      messageBytes: limits.messageBytes,
      fragments: limits.messageFragments,
      answerHeaders: options.answerHeaders,
    });
  }

  serves(path: string): boolean {
    return path === playPath;
  }

  filteredAs(): { readonly route: string; readonly kind: string } {
    return { route: gameRoute, kind: upgradeKind };
  }

  get hasRoom(): boolean {
    return !this.#isDraining && this.#options.pipeline.sockets.size < listenerLimits.sockets;
  }

  /** Accepts no new sockets from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  accept({ request, socket, head }: Upgrade, admission: Admission): void {
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (admission.kind === 'serve') this.#serve(webSocket, socket, admission);
      else {
        const { code, detail } = admission;
        closeUnheard(webSocket, { ...closings[code], name: code, detail });
      }
    });
  }

  #serve(
    webSocket: AcceptedWebSocket,
    socket: Upgrade['socket'],
    { caller, origin, opening }: Extract<Admission, { kind: 'serve' }>,
  ): void {
    const transport = playerTransport(webSocket, socket);
    const conversation = this.#options.pipeline.accept({ transport, caller, origin, opening });
    const takePong = this.#options.liveness.watch(webSocket, conversation.socket);
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        this.#options.onBreach('binary_refused');
        webSocket.close(wireClosings.binary_refused, 'binary_refused');
      } else conversation.message(data.toString(), data.length);
    });
    webSocket.on('ping', (data) => {
      if (conversation.control()) webSocket.pong(data);
    });
    webSocket.on('pong', () => {
      if (!takePong()) conversation.control();
    });
    webSocket.on('close', () => conversation.gone());
    webSocket.on('error', (error: NodeJS.ErrnoException) => {
      const breach = breachOf(error.code);
      if (breach !== undefined) this.#options.onBreach(breach);
      // `ws` has answered with the close code that the breach deserves; the end of the socket follows.
      this.#options.logger.debug({ err: error }, 'a player’s socket failed');
    });
  }
}

/** As what `ws` closes a socket on which this went wrong; nothing when the network did. */
function breachOf(code: string | undefined): keyof typeof wireClosings | undefined {
  switch (code) {
    case 'WS_ERR_INVALID_UTF8':
      return 'bad_utf8';
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return 'too_many_fragments';
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return 'too_large';
    default:
      return code?.startsWith('WS_ERR_') ? 'protocol_error' : undefined;
  }
}
