import type { Writable } from 'node:stream';
import { type FrameHeader, FrameWriter } from '../../protocol/frame.ts';

export interface OutboxOptions {
  readonly socket: Writable;
  /** Called once when more than `bytesMost` wait: the peer does not read, and nothing more is kept for it. */
  readonly overflowed: () => void;
  /** Called whenever the peer has taken something. */
  readonly written: () => void;
  readonly afterTurn?: (run: () => void) => unknown;
  readonly bytesMost: number;
}

/** Frames on their way out. All that one turn of the event loop brings leaves in one write. */
export class Outbox {
  readonly #writer = new FrameWriter();
  readonly #socket: Writable;
  readonly #overflowed: () => void;
  readonly #written: () => void;
  readonly #afterTurn: (run: () => void) => unknown;
  readonly #bytesMost: number;
  #unwritten = 0;
  #flushDue = false;
  #closed = false;

  constructor({ socket, overflowed, written, afterTurn = setImmediate, bytesMost }: OutboxOptions) {
    this.#socket = socket;
    this.#overflowed = overflowed;
    this.#written = written;
    this.#afterTurn = afterTurn;
    this.#bytesMost = bytesMost;
  }

  /** Bytes that the peer has not taken yet. */
  get waiting(): number {
    return this.#writer.pending + this.#unwritten;
  }

  /** @throws FrameError when the frame is too large; nothing was added then */
  push(header: FrameHeader, payload?: string | Uint8Array): void {
    if (this.#closed) return;
    this.#writer.push(header, payload);
    if (this.waiting > this.#bytesMost) {
      this.close();
      this.#overflowed();
    } else if (!this.#flushDue) {
      this.#flushDue = true;
      this.#afterTurn(() => this.flush());
    }
  }

  /** Sends now what has been collected. */
  flush(): void {
    this.#flushDue = false;
    const bytes = this.#writer.take();
    if (bytes === undefined || this.#closed || this.#socket.destroyed) return;
    this.#unwritten += bytes.length;
    this.#socket.write(bytes, () => {
      this.#unwritten -= bytes.length;
      this.#written();
    });
  }

  /** Keeps and sends nothing from now on. */
  close(): void {
    this.#closed = true;
    this.#writer.take();
  }
}
