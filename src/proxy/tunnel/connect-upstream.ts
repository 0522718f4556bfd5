import { connect, type Socket } from 'node:net';
import { systemErrorCode } from '../../process/explain-system-error.ts';
import type { NoneAvailable, Search } from '../balancing/balancer.ts';
import type { Lease } from '../balancing/upstream.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Connected =
  | { readonly kind: 'connected'; readonly socket: Socket; readonly lease: Lease<Address> }
  | { readonly kind: 'aborted' }
  | (NoneAvailable & {
      /** Why connecting failed, by upstream, for the operator: `ECONNREFUSED`, `ENOTFOUND`, `timeout`, … */
      readonly failures: Readonly<Record<string, string>>;
    });

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
  const failures: Record<string, string> = {};
  let choice = search.first();
  while (choice.kind === 'chosen') {
    const { lease } = choice;
    const socket = await dial(lease.upstream.target, options);
    if (typeof socket !== 'string') {
      lease.report('succeeded');
      return { kind: 'connected', socket, lease };
    }
    failures[lease.upstream.id] = socket;
    if (options.signal.aborted) {
      // Given up here: that says nothing about the upstream.
      lease.end();
      return { kind: 'aborted' };
    }
    lease.report('failed');
    choice = search.again(lease, 'did-not-run');
  }
  return { ...choice, failures };
}

/** Connects, or says why not. */
function dial({ host, port }: Address, { timeoutMs, signal }: ConnectOptions): Promise<Socket | string> {
  const { promise, resolve } = Promise.withResolvers<Socket | string>();
  let failure = 'closed';
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
  const timer = setTimeout(() => {
    failure = 'timeout';
    socket.destroy();
  }, timeoutMs);
  const giveUp = () => socket.destroy();
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  const settle = (outcome: Socket | string) => {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
    resolve(outcome);
  };
  // That something failed is known by the close that follows; later errors are the relay's.
  socket.on('error', (error) => {
    failure = systemErrorCode(error) ?? error.name;
  });
  socket.once('connect', () => settle(socket));
  socket.once('close', () => settle(failure));
  return promise;
}
