import type { WebSocketServer } from 'ws';
import { allTunnelClosings, tunnelLimits, tunnelPath, tunnelSubprotocol } from '../../protocol/tunnel.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import { pathOf } from '../http/request-faults.ts';
import { listenerLimits } from '../listener/listener-limits.ts';
import type { Liveness } from '../listener/liveness.ts';
import {
  type AcceptedWebSocket,
  type Admission,
  closeUnheard,
  type Upgrade,
  type UpgradeEndpoint,
  webSocketServer,
} from '../listener/upgrades.ts';
import type { TcpRoute } from './tcp-route.ts';
import { Tunnel, type TunnelParts } from './tunnel.ts';
import { tunnelTransport } from './tunnel-transport.ts';

export interface TunnelEndpointOptions
  extends Omit<TunnelParts, 'transport' | 'route' | 'caller' | 'facts' | 'opening'> {
  /** The `tcp` route of this name. */
  readonly find: (name: string) => TcpRoute | undefined;
  readonly liveness: Liveness;
  readonly answerHeaders: AnswerHeaders;
}

/** What filters call an upgrade to a tunnel, whatever its route is called. */
const tunnelKind = `GET ${tunnelPath}:name`;

/** Turns upgrades at `/tunnel/NAME` into tunnels. */
export class TunnelEndpoint implements UpgradeEndpoint {
  readonly subprotocol = tunnelSubprotocol;
  readonly #options: TunnelEndpointOptions;
  #isDraining = false;
  readonly #webSockets: WebSocketServer;

  constructor(options: TunnelEndpointOptions) {
    this.#options = options;
    this.#webSockets = webSocketServer({
      subprotocol: tunnelSubprotocol,
      messageBytes: tunnelLimits.messageBytes,
      fragments: 1,
      answerHeaders: options.answerHeaders,
    });
  }

  /** Only routes that there are: what follows costs a database look, and names of routes are no secret. */
  serves(path: string): boolean {
    return this.#routeAt(path) !== undefined;
  }

  filteredAs(path: string): { readonly route: string; readonly kind: string } {
    return { route: this.#routeAt(path)?.name ?? '', kind: tunnelKind };
  }

  get hasRoom(): boolean {
    return !this.#isDraining && this.#options.sockets.size < listenerLimits.tunnels;
  }

  /** Accepts no new tunnels from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  accept({ request, socket, head }: Upgrade, admission: Admission): void {
    const route = this.#routeAt(pathOf(request.url ?? ''));
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (admission.kind === 'close') {
        const { code, detail } = admission;
        closeUnheard(webSocket, { ...allTunnelClosings[code], name: code, detail });
      } else if (admission.opening.shown === undefined || route === undefined) {
        closeUnheard(webSocket, { ...allTunnelClosings.token_missing, name: 'token_missing' });
      } else {
        const { caller, opening, origin } = admission;
        const facts = { address: caller.address, route: route.name, kind: tunnelKind, origin };
        const transport = tunnelTransport({ webSocket, socket }, this.#options.now);
        const tunnel = new Tunnel({ ...this.#options, transport, route, caller, facts, opening });
        this.#serve(webSocket, tunnel);
        void tunnel.open(admission.opening.shown);
      }
    });
  }

  #serve(webSocket: AcceptedWebSocket, tunnel: Tunnel): void {
    const { liveness, logger } = this.#options;
    const takePong = liveness.watch(webSocket, tunnel);
    webSocket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) tunnel.bytes(data);
      else tunnel.text(data.toString());
    });
    webSocket.on('ping', (data) => {
      if (tunnel.control()) webSocket.pong(data);
    });
    webSocket.on('pong', () => {
      if (!takePong()) tunnel.control();
    });
    webSocket.on('close', () => tunnel.gone());
    webSocket.on('error', (error) => logger.debug({ err: error }, 'the socket of a tunnel failed'));
  }

  #routeAt(path: string): TcpRoute | undefined {
    return path.startsWith(tunnelPath) ? this.#options.find(path.slice(tunnelPath.length)) : undefined;
  }
}
