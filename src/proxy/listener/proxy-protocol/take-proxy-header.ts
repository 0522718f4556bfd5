import type { Socket } from 'node:net';
import { longestProxyHeader, type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/**
 * Takes the PROXY header off a new connection and leaves what follows it in the socket, for TLS. Calls back once, with the header
 * or what is wrong with it; not at all when the connection ends before. The caller sets the deadline.
 */
export function takeProxyHeader(
  socket: Socket,
  done: (header: Exclude<ProxyHeader, { kind: 'incomplete' }>) => void,
): void {
  let taken: Buffer = Buffer.alloc(0);

  const take = () => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    taken = taken.length === 0 ? chunk : Buffer.concat([taken, chunk]);
    const header = readProxyHeader(taken.subarray(0, longestProxyHeader));
    if (header.kind === 'incomplete') return;
    socket.off('readable', take);
    if (header.kind === 'header' && taken.length > header.length) {
      socket.unshift(taken.subarray(header.length));
    }
    done(header);
  };

  socket.on('readable', take);
}
