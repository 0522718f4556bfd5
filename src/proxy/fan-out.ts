/** Stage 11: the only writer to players' sockets. Every byte that waits is counted, and the count has a bound. */
import type { ClosingCode } from '../protocol/closings.ts';
import { closings } from '../protocol/closings.ts';
import { limits } from '../protocol/limits.ts';
import type { TextFrame } from './text-frame.ts';

/** What is needed of a WebSocket to write text to it. */
export interface Transport {
  /** Bytes accepted by `send` that have not left. */
  readonly bufferedAmount: number;
  send(data: string | TextFrame): void;
  /** Calls back once when what waits now has left. */
  whenDrained(callback: () => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface ClosingDetail {
  readonly reason?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The rule of the policy that closes, and under which id an operator finds it. */
  readonly rule?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Above this many waiting bytes droppable messages are held back, newest kept. */
const droppableBytes = 64 * 1024;
/** Milliseconds for the peer to answer our close before the socket is cut. */
const closeMs = 1_000;
/** Kinds of droppable messages held at once: one for each followed match. */
const mostHeld = limits.followedMatches;

export class Outbox {
  readonly #transport: Transport;
  readonly #mostWaiting: () => number;
  readonly #onClosing: (code: ClosingCode) => void;
  readonly #held = new Map<string, string>();
  #isClosing = false;

  constructor(options: {
    transport: Transport;
    /** Told once, when this side begins to close. */
    onClosing: (code: ClosingCode) => void;
    /** Bytes that may wait; asked each time, since settings change. */
    mostWaiting?: () => number;
  }) {
    this.#transport = options.transport;
    this.#onClosing = options.onClosing;
    this.#mostWaiting = options.mostWaiting ?? (() => limits.outboundBytes);
  }

  /** Bytes that wait for the reader. */
  get waiting(): number {
    return this.#transport.bufferedAmount;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Writes what must arrive. A reader so slow that the bound is passed is closed as `slow_consumer`. */
  deliver(data: string | TextFrame): void {
    if (this.#isClosing) return;
    if (this.#transport.bufferedAmount + data.length > this.#mostWaiting()) {
      this.close('slow_consumer');
      return;
    }
    this.#transport.send(data);
  }

  /** Writes what a newer message of the same `kind` replaces; waits while much is waiting. */
  offer(kind: string, data: string): void {
    if (this.#isClosing) return;
    if (this.#transport.bufferedAmount <= droppableBytes) {
      this.#held.delete(kind);
      this.#transport.send(data);
      return;
    }
    if (!this.#held.has(kind) && this.#held.size >= mostHeld) return;
    const isFirst = this.#held.size === 0;
    this.#held.set(kind, data);
    if (isFirst) this.#transport.whenDrained(() => this.#offerHeld());
  }

  /** Says why, then closes; cuts the socket when the peer does not close in turn. */
  close(code: ClosingCode, detail: ClosingDetail = {}): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#held.clear();
    this.#transport.send(closingText(closings[code], detail));
    this.#transport.close(closings[code].code, code);
    setTimeout(() => this.#transport.terminate(), closeMs).unref();
    this.#onClosing(code);
  }

  #offerHeld(): void {
    if (this.#held.size === 0 || this.#isClosing) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const [kind, data] of held) this.offer(kind, data);
  }
}

/** The `session.closing` notification. */
export function closingText(
  { code, text }: { readonly code: number; readonly text: string },
  { reason = text, retryAfterMs, rule, requestId }: ClosingDetail = {},
): string {
  // What is undefined is left out.
  const params = { code, reason, reconnect: code < 4500, retryAfterMs, rule, requestId };
  return JSON.stringify({ jsonrpc: '2.0', method: 'session.closing', params });
}
