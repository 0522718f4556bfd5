import type { Readable } from 'node:stream';
import { type Frame, FrameReader } from '../../protocol/frame.ts';

export interface FrameIntakeOptions {
  readonly socket: Readable;
  /** Takes one frame. What it throws ends the reading and is given to `failed`. */
  readonly take: (frame: Frame) => void;
  readonly failed: (error: unknown) => void;
  /**
   * Asked before each frame: whether reading has to wait. Then somebody calls `resume` when it no longer has
   * to.
   */
  readonly mustPause: () => boolean;
}

/**
 * Reads frames one by one, and stops between two of them when it must: a single chunk can hold hundreds of
 * requests for large answers, which would run past every bound on what waits to be written.
 */
export class FrameIntake {
  readonly #socket: Readable;
  readonly #take: (frame: Frame) => void;
  readonly #failed: (error: unknown) => void;
  readonly #mustPause: () => boolean;
  readonly #reader = new FrameReader();
  /** What came while reading had to wait, and the frames of the chunk that is being read. */
  #chunks: Uint8Array[] = [];
  #frames: Iterator<Frame, void> | undefined;
  #paused = false;
  #closed = false;

  constructor({ socket, take, failed, mustPause }: FrameIntakeOptions) {
    this.#socket = socket;
    this.#take = take;
    this.#failed = failed;
    this.#mustPause = mustPause;
  }

  get paused(): boolean {
    return this.#paused;
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#chunks.push(chunk);
    if (!this.#paused) this.#read();
  }

  /** Goes on if nothing hinders any more. */
  resume(): void {
    if (!this.#paused || this.#closed || this.#mustPause()) return;
    this.#paused = false;
    this.#read();
    if (!this.#paused) this.#socket.resume();
  }

  /** Takes no frame from now on. */
  close(): void {
    this.#closed = true;
    this.#chunks = [];
    this.#frames = undefined;
    // What still arrives is let go, so that the end of the stream can be seen.
    if (this.#paused) this.#socket.resume();
  }

  #read(): void {
    try {
      while (!this.#closed) {
        if (this.#mustPause()) {
          this.#paused = true;
          this.#socket.pause();
          return;
        }
        this.#frames ??= this.#nextChunk();
        if (this.#frames === undefined) return;
        const { done, value } = this.#frames.next();
        if (done) this.#frames = undefined;
        else this.#take(value);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #nextChunk(): Iterator<Frame, void> | undefined {
    const chunk = this.#chunks.shift();
    return chunk && this.#reader.push(chunk);
  }
}
