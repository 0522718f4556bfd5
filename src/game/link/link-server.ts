import type { X509Certificate } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { certificatesIn } from '../../process/certificates/index.ts';
import type { Logger } from '../../process/logger.ts';
import { type GoAway, linkAlpn } from '../../protocol/link-messages.ts';
import { LinkConnection } from './link-connection.ts';
import { type LinkCredentials, linkContext } from './link-credentials.ts';
import { type LinkLimits, linkLimits } from './link-limits.ts';
import { peerFault } from './peer-certificate.ts';
import type { RequestServices } from './requests.ts';

export interface LinkServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly credentials: LinkCredentials;
  readonly services: RequestServices;
  readonly instance: string;
  readonly logger: Logger;
  readonly limits?: Partial<LinkLimits>;
}

/**
 * The backend's listener. Whoever gets past it has shown a certificate that the link's CA signed for a proxy;
 * everyone else is refused before a byte of theirs is read, and the log says why.
 *
 * ```
 *   TCP ──▶ place free? ──▶ TLS, under a deadline ──▶ certificate a proxy's? ──▶ LinkConnection
 *             │ no                │ too slow, wrong          │ no
 *             ▼                   ▼                          ▼
 *                          refused, with its reason
 * ```
 */
export class LinkServer {
  readonly #server: Server;
  readonly #services: RequestServices;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #limits: LinkLimits;
  readonly #connections = new Set<LinkConnection>();
  /** Deadlines of handshakes under way, by the peer's address. */
  readonly #handshakes = new Map<string, NodeJS.Timeout>();
  #authorities: readonly X509Certificate[];

  constructor({ credentials, services, instance, logger, limits }: LinkServerOptions) {
    this.#services = services;
    this.#instance = instance;
    this.#logger = logger;
    this.#limits = { ...linkLimits, ...limits };
    this.#authorities = certificatesIn(credentials.ca);
    services.ownership.onChange((change) => {
      for (const connection of this.#connections) connection.membersChanged(change);
    });
    this.#server = createServer({
      ...linkContext(credentials),
      ALPNProtocols: [linkAlpn],
      requestCert: true,
      rejectUnauthorized: true,
      // Node's own deadline starts anew with every byte; the one below does not.
      handshakeTimeout: this.#limits.handshakeMs,
      noDelay: true,
    });
    this.#server.maxConnections = this.#limits.connections;
    this.#server.on('connection', (socket: Socket) => this.#startHandshake(socket));
    this.#server.on('secureConnection', (socket) => this.#admit(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Node leaves the certificate's fault on the socket and reports only that it hung up.
      const fault: unknown = socket.authorizationError ?? error.code ?? error.message;
      this.#refuse(socket, `the TLS handshake failed: ${String(fault)}`);
    });
    this.#server.on('drop', (data) => {
      this.#logger.warn({ peer: data?.remoteAddress }, 'A link connection was refused: too many are open.');
    });
  }

  /** Listens; resolves to the port. @throws the listener's own error */
  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) =>
      this.#logger.error({ err: error }, 'The link listener had an error.'),
    );
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are past the handshake. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * New connections meet the new certificates at once; those that were made under the old ones are asked to
   * go.
   */
  renew(credentials: LinkCredentials): void {
    this.#server.setSecureContext(linkContext(credentials));
    this.#authorities = certificatesIn(credentials.ca);
    this.#sendAway('certificates_changed', 'The link has new certificates; connect again.');
  }

  /** Takes no more connections, lets those that are open finish, and resolves when all are over. */
  async drain(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const timer of this.#handshakes.values()) clearTimeout(timer);
    this.#sendAway('draining', 'This backend is stopping.');
    await Promise.all(Array.from(this.#connections, (connection) => connection.ended));
    await closed;
  }

  #sendAway(reason: GoAway['reason'], text: string): void {
    for (const connection of this.#connections) connection.goAway(reason, text);
  }

  #startHandshake(socket: Socket): void {
    const peer = addressOf(socket);
    const deadline = setTimeout(() => {
      this.#logger.warn({ peer }, 'A link connection was refused: its TLS handshake took too long.');
      socket.destroy();
    }, this.#limits.handshakeMs);
    this.#handshakes.set(peer, deadline);
    socket.once('close', () => this.#endHandshake(peer));
  }

  #endHandshake(peer: string): void {
    clearTimeout(this.#handshakes.get(peer));
    this.#handshakes.delete(peer);
  }

  #admit(socket: TLSSocket): void {
    const peer = addressOf(socket);
    this.#endHandshake(peer);
    const leaf = socket.getPeerX509Certificate();
    const fault = this.#faultOf(socket, leaf);
    if (fault === undefined) this.#connect(socket, { peer, serial: leaf?.serialNumber });
    else this.#refuse(socket, fault);
  }

  #faultOf(socket: TLSSocket, leaf: X509Certificate | undefined): string | undefined {
    // Node offers no way to refuse, within the handshake, a client that names no protocol at all.
    if (socket.alpnProtocol !== linkAlpn) return `it did not offer ${linkAlpn}`;
    if (socket.isSessionReused()) return 'it resumed a session';
    if (leaf === undefined) return 'it showed no certificate';
    const fault = peerFault(leaf, this.#authorities);
    return fault && `its certificate is not a proxy’s: ${fault}`;
  }

  #connect(
    socket: TLSSocket,
    { peer, serial }: { readonly peer: string; readonly serial: string | undefined },
  ): void {
    const logger = this.#logger.child({ peer, serial });
    const connection = new LinkConnection({
      socket,
      services: this.#services,
      instance: this.#instance,
      limits: this.#limits,
      watcher: {
        greeted: ({ instance }) => logger.info({ proxy: instance }, 'A proxy has connected.'),
        violated: (text) => logger.error({ violation: text }, 'A proxy broke the link protocol.'),
        failed: (err, doing) => logger.error({ err, doing }, 'A request failed.'),
        closed: (reason) => {
          this.#connections.delete(connection);
          logger.info({ reason }, 'A proxy’s connection is over.');
        },
      },
    });
    this.#connections.add(connection);
  }

  #refuse(socket: TLSSocket, reason: string): void {
    this.#logger.warn({ peer: addressOf(socket), reason }, 'A link connection was refused.');
    socket.destroy();
  }
}

/**
 * Who the peer is, for the log. A TLS socket that has failed knows it no more; the one below it, which Node
 * keeps under a name of its own, remembers what it was asked before.
 */
function addressOf(socket: Socket & { readonly _parent?: Socket }): string {
  const { remoteAddress, remotePort } = socket._parent ?? socket;
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`;
}
