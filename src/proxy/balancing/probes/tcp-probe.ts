import { connect } from 'node:net';
import type { Probe } from '../prober.ts';

/** Well when a TCP connection comes about; it is closed again without a byte. */
export function tcpProbe({ host, port }: { readonly host: string; readonly port: number }): Probe {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const end = () => socket.destroy(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      socket.once('connect', () => {
        resolve();
        socket.destroy();
      });
      socket.once('error', reject);
      socket.once('close', () => signal.removeEventListener('abort', end));
    });
}
