import type { Socket } from 'node:net';

/**
 * Tells connections apart: a TLS socket does not know its TCP socket, but both know the peer's address and port, which are unique
 * while they are open. `undefined` when the peer has gone already.
 */
export function connectionKey(socket: Socket): string | undefined {
  const { remoteAddress, remotePort, localPort } = socket;
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort} ${localPort}`;
}
