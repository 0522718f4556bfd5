import type { Duplex } from 'node:stream';

/**
 * Connections on which a request could be read in two ways. Node has parsed what came behind it before anybody could look at it,
 * and would hand it over as further requests; nobody takes any from these connections (CWE-444).
 */
export class DistrustedConnections {
  readonly #sockets = new WeakSet<Duplex>();

  add(socket: Duplex): void {
    this.#sockets.add(socket);
  }

  has(socket: Duplex): boolean {
    return this.#sockets.has(socket);
  }
}
