import { Gauge, Registry } from '../process/metrics.ts';
import type { ClosingCode } from '../protocol/closings.ts';

/** A socket, as far as what waits for its reader goes. */
export interface SlowSocket {
  /** Bytes. */
  readonly waiting: number;
  close(code: Extract<ClosingCode, 'slow_consumer'>): void;
}

export interface WaitingBounds {
  /** Bytes that may wait for one socket, and for all of them together. */
  readonly waitingBytes: number;
  readonly allWaitingBytes: number;
}

export interface WaitingBytesOptions extends WaitingBounds {
  readonly sockets: Iterable<SlowSocket>;
  readonly metrics?: Registry;
}

const lookMs = 1_000;

/**
 * Bounds what slow readers make the process keep. Each socket has a bound of its own, at which it is closed at once; when many
 * stay below it, the sum is what runs the process out of memory, so the largest of them go until it fits.
 */
export class WaitingBytes {
  readonly #sockets: Iterable<SlowSocket>;
  readonly #timer: NodeJS.Timeout;
  #bounds: WaitingBounds;

  constructor({ sockets, metrics = new Registry(), ...bounds }: WaitingBytesOptions) {
    this.#sockets = sockets;
    this.#bounds = bounds;
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
    const sum = () => this.#sum();
    new Gauge({
      name: 'castling_proxy_waiting_bytes',
      help: 'Bytes that wait for players who read slowly.',
      registers: [metrics],
      collect() {
        this.set(sum());
      },
    });
  }

  /** Of one socket. */
  get most(): number {
    return this.#bounds.waitingBytes;
  }

  change(bounds: WaitingBounds): void {
    this.#bounds = bounds;
  }

  /** Closes the slowest until the rest fits. */
  look(): void {
    let excess = this.#sum() - this.#bounds.allWaitingBytes;
    if (excess <= 0) return;
    const slowest = [...this.#sockets].sort((a, b) => b.waiting - a.waiting);
    for (const socket of slowest) {
      if (excess <= 0) return;
      excess -= socket.waiting;
      socket.close('slow_consumer');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sum(): number {
    let sum = 0;
    for (const { waiting } of this.#sockets) sum += waiting;
    return sum;
  }
}
