import type { UpstreamFault } from '../upstream-fault.ts';
import type { Judgement } from './judge.ts';
import type { StoredResponse } from './stored-response.ts';

/** How a request under way ended for those that waited for it. */
export type Landing =
  /** Its answer is kept now: look again. */
  | { readonly kind: 'kept' }
  /** Its answer is for itself alone: ask for yourself. */
  | { readonly kind: 'alone' }
  /** The upstream failed, and this stale answer may stand in. */
  | {
      readonly kind: 'stale';
      readonly stored: StoredResponse;
      readonly judgement: Judgement;
      readonly detail: 'stale-if-error' | 'disconnected';
    }
  | { readonly kind: 'failed'; readonly fault: UpstreamFault };

/** Requests that may wait for one other; more ask for themselves. */
const waitersMost = 1_000;

/** A request under way to the upstream whose answer may serve others that want the same (RFC 9111 section 4). */
export class Flight {
  readonly #waiting = new Set<(landing: Landing) => void>();
  readonly #onLanded: () => void;
  #hasLanded = false;

  constructor(onLanded: () => void) {
    this.#onLanded = onLanded;
  }

  get hasWaiters(): boolean {
    return this.#waiting.size > 0;
  }

  /**
   * Calls back when it has landed, or is given up on after so many milliseconds (`alone`). Gives the way to stop waiting;
   * `undefined` when too many wait.
   */
  wait(patienceMs: number, callback: (landing: Landing) => void): (() => void) | undefined {
    if (this.#waiting.size >= waitersMost) return undefined;
    const stop = () => {
      clearTimeout(timer);
      this.#waiting.delete(told);
    };
    const told = (landing: Landing) => {
      stop();
      callback(landing);
    };
    const timer = setTimeout(told, patienceMs, { kind: 'alone' });
    this.#waiting.add(told);
    return stop;
  }

  /** Only the first call counts. */
  land(landing: Landing): void {
    if (this.#hasLanded) return;
    this.#hasLanded = true;
    this.#onLanded();
    for (const tell of [...this.#waiting]) tell(landing);
  }
}
