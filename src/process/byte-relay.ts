import type { Socket } from 'node:net';

/** The other end of the relay: a channel that carries messages of bytes, in order. An empty message says that no more come. */
export interface BytePeer {
  /** Bytes taken by `sendBytes` that have not left. */
  readonly bufferedAmount: number;
  sendBytes(bytes: Uint8Array): void;
  /** Calls back once when what waits now has left. */
  whenDrained(callback: () => void): void;
  pause(): void;
  resume(): void;
}

export interface ByteRelayOptions {
  readonly socket: Socket;
  readonly peer: BytePeer;
  /** Bytes of one message at most. */
  readonly messageBytes: number;
  /** Bytes waiting in the peer above which nothing more is read from the socket. More than the peer's own high-water mark. */
  readonly waitingBytes: number;
  /** Bytes that have come from the socket (`out`) or from the peer (`in`). */
  readonly onMoved: (direction: 'in' | 'out', bytes: number) => void;
  /** The end: `done` when both directions ended in order and everything has left; `broken` when the socket failed before. Once. */
  readonly onEnd: (how: 'done' | 'broken') => void;
}

const nothing = new Uint8Array(0);

/**
 * Joins a TCP connection to a channel of messages, byte for byte. Each direction ends by itself (half-close), each is held up
 * when the other side does not take more, and nothing is held back to be sent together: what one read gives is one message,
 * and one message is one write. The socket must have been opened with `allowHalfOpen`.
 */
export class ByteRelay {
  readonly #options: ByteRelayOptions;
  #isInEnded = false;
  #isOutEnded = false;
  #end: 'done' | 'broken' | undefined;

  constructor(options: ByteRelayOptions) {
    this.#options = options;
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#send(chunk));
    socket.on('end', () => {
      this.#isOutEnded = true;
      if (this.#end === undefined) options.peer.sendBytes(nothing);
    });
    // What failed is of no use to the other side; that something did, `close` says.
    socket.on('error', () => {});
    socket.on('close', (hadError: boolean) => {
      this.#finish(!hadError && this.#isInEnded && this.#isOutEnded ? 'done' : 'broken');
    });
  }

  /** `ending`: both directions have ended, and something is still on its way into the socket. */
  get state(): 'open' | 'ending' | 'done' | 'broken' {
    if (this.#end !== undefined) return this.#end;
    return this.#isInEnded && this.#isOutEnded ? 'ending' : 'open';
  }

  /** A message from the peer. False when it comes after the end of its direction. */
  receive(bytes: Uint8Array): boolean {
    if (this.#isInEnded) return false;
    const { socket, peer, onMoved } = this.#options;
    if (bytes.length === 0) {
      this.#isInEnded = true;
      socket.end();
      return true;
    }
    onMoved('in', bytes.length);
    if (!socket.write(bytes)) {
      peer.pause();
      socket.once('drain', () => peer.resume());
    }
    return true;
  }

  /** The peer has gone before both ends: the TCP connection is reset, so that its program does not take this for an end. */
  reset(): void {
    this.#end ??= 'broken';
    this.#options.socket.resetAndDestroy();
  }

  #send(chunk: Buffer): void {
    const { socket, peer, messageBytes, waitingBytes, onMoved } = this.#options;
    if (this.#end !== undefined) return;
    onMoved('out', chunk.length);
    for (let start = 0; start < chunk.length; start += messageBytes) {
      peer.sendBytes(chunk.subarray(start, start + messageBytes));
    }
    if (peer.bufferedAmount <= waitingBytes) return;
    socket.pause();
    peer.whenDrained(() => socket.resume());
  }

  #finish(how: 'done' | 'broken'): void {
    if (this.#end !== undefined) return;
    this.#end = how;
    this.#options.onEnd(how);
  }
}
