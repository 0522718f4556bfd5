import type { Duplex } from 'node:stream';

export interface RelayOptions {
  /** The two ends, each with the bytes that came from it already. */
  readonly client: Duplex & TimedSocket;
  readonly clientHead: Buffer;
  readonly upstream: Duplex & TimedSocket;
  /** Milliseconds without a byte in either direction, and in all. */
  readonly idleMs: number;
  readonly totalMs: number;
  readonly onOver: (outcome: {
    readonly sent: number;
    readonly received: number;
    readonly why: RelayEnd;
  }) => void;
}

/** The part of a socket that both TCP's and TLS's have. */
export interface TimedSocket {
  readonly bytesRead?: number;
  allowHalfOpen?: boolean;
  setNoDelay?(on: boolean): unknown;
  setKeepAlive?(on: boolean, initialDelayMs: number): unknown;
  setTimeout?(ms: number): unknown;
}

export type RelayEnd = 'closed' | 'failed' | 'idle' | 'total' | 'ended';

/**
 * Carries bytes between two sockets until both directions have ended, each at the pace of the slower end. One direction may end
 * before the other (half-close). Gives the way to end it at once.
 */
export function relay({ client, clientHead, upstream, idleMs, totalMs, onOver }: RelayOptions): () => void {
  let isOver = false;
  let sent = clientHead.length;
  let received = 0;
  let seen = 0;
  let quietSince = performance.now();

  const over = (why: RelayEnd): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(watch);
    clearTimeout(total);
    client.destroy();
    upstream.destroy();
    onOver({ sent, received, why });
  };
  // One look now and then instead of a timer moved with every byte.
  const watch = setInterval(
    () => {
      const now = performance.now();
      if (sent + received !== seen) {
        seen = sent + received;
        quietSince = now;
      } else if (now - quietSince >= idleMs) over('idle');
    },
    Math.max(10, Math.min(5_000, idleMs / 4)),
  );
  const total = setTimeout(() => over('total'), totalMs);

  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.allowHalfOpen = true;
    socket.setTimeout?.(0);
    socket.setNoDelay?.(true);
    socket.setKeepAlive?.(true, 60_000);
    socket.on('error', () => over('failed'));
    socket.on('close', () => {
      // What the other end still has to be told leaves first; then it closes as well.
      if (other.writableFinished || other.destroyed) over('closed');
      else other.end(() => over('closed'));
    });
  }
  client.on('data', (chunk: Buffer) => {
    sent += chunk.length;
  });
  upstream.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  if (clientHead.length > 0) upstream.write(clientHead);
  client.pipe(upstream);
  upstream.pipe(client);
  return () => over('ended');
}
