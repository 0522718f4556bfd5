import { connect, type Socket } from 'node:net';
import type { NoneAvailable, Search } from '../balancing/balancer.ts';
import type { Lease } from '../balancing/upstream.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket; readonly lease: Lease<Address> }
  | { readonly kind: 'aborted' }
  | NoneAvailable;

export interface ConnectOptions {
  /** Milliseconds for each attempt. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects to an upstream, and to another one when that fails: a connection that never came about carried no byte, so trying
 * again is safe.
 */
export async function connectUpstream(search: Search<Address>, options: ConnectOptions): Promise<Connected> {
  let choice = search.first();
  while (choice.kind === 'chosen') {
    const { lease } = choice;
    const socket = await dial(lease.upstream.target, options);
    if (socket !== undefined) {
      lease.report('succeeded');
      return { kind: 'connected', socket, lease };
    }
    if (options.signal.aborted) {
      // Given up here: that says nothing about the upstream.
      lease.end();
      return { kind: 'aborted' };
    }
    lease.report('failed');
    choice = search.again(lease, 'did-not-run');
  }
  return choice;
}

function dial({ host, port }: Address, { timeoutMs, signal }: ConnectOptions): Promise<Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const giveUp = () => socket.destroy();
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  const settle = (outcome: Socket | undefined) => {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    resolve(outcome);
  };
  // What failed is known by the close that follows; later errors are the relay's.
  socket.on('error', () => {});
  socket.once('connect', () => settle(socket));
  socket.once('close', () => settle(undefined));
  return promise;
}
