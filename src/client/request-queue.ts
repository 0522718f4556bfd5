import { limits } from '../protocol/limits.ts';
import type { Method, ParamsOf, ResultOf } from '../protocol/player-messages.ts';
import { backOffMs } from './back-off.ts';
import { ClientError, type ReceivedRefusal, refusedError } from './client-error.ts';
import type { Timers } from './timers.ts';

/** Who goes first when a socket is ready: the sign-in, then resumes, then commands in the order they were given. */
type Lane = 'session' | 'resume' | 'ordinary';

export interface RequestOptions {
  readonly lane?: Lane;
  /** The request makes sense on this socket only: when the socket ends it fails with `unreachable` instead of waiting. */
  readonly oneSocket?: boolean;
  /** Milliseconds until it fails with `timed_out`, reconnects and retries included. */
  readonly patienceMs?: number;
  /** Called before the promise settles and before the next message is looked at, so that order is kept. */
  readonly onResult?: (result: unknown) => void;
  readonly onRefusal?: (refusal: ReceivedRefusal) => void;
}

interface Entry extends RequestOptions {
  readonly id: number;
  readonly method: Method;
  readonly text: string;
  readonly lane: Lane;
  resolve(result: unknown): void;
  reject(error: unknown): void;
  cancelDeadline(): void;
  cancelPause(): void;
  state: 'unsent' | 'sent' | 'pausing';
  attempts: number;
  /** The passing refusal that was the last word on it; none while it may be taking effect. */
  refusal: ReceivedRefusal | undefined;
}

/** Refusals that pass by themselves; the same request, with the same command id, is sent again until its deadline. */
const passing: ReadonlySet<string> = new Set<string>([
  'backend_unavailable',
  'draining',
  'rate_limited',
  'too_many_in_flight',
]);

/** One place of the server's window stays free for `session.refresh`. */
const windowSize = limits.commandsInFlight - 1;
const longestQueue = 1024;
const retrySettings = { firstMs: 250, longestMs: 3_000 };
const lanes = ['session', 'resume', 'ordinary'] as const satisfies readonly Lane[];

/**
 * Requests and their answers, over as many sockets as it takes. What was unanswered when a socket ended is sent again
 * on the next one, unchanged: commands carry their command id, so that they happen once, and the others only read.
 *
 * ```
 *   unsent ──window open──▶ sent ──answer──▶ settled
 *     ▲  ▲                   │ │
 *     │  └──socket lost──────┘ └──passing refusal──▶ pausing
 *     └───────────────time, or a new socket──────────────┘
 * ```
 */
export class RequestQueue {
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #onPassing: (refusal: ReceivedRefusal) => void;
  readonly #entries = new Map<number, Entry>();
  /** Sent on this socket and given up: they keep their place in the window, and what they bring is still taken in. */
  readonly #givenUp = new Map<number, Entry>();
  #lastId = 0;
  #send: ((text: string) => void) | undefined;
  #ready = false;
  #inFlight = 0;
  #closedWith: ClientError | undefined;

  constructor(options: {
    readonly timers: Timers;
    readonly random: () => number;
    /** Told of every refusal that will be tried again, so that a person can be told too. */
    readonly onPassing: (refusal: ReceivedRefusal) => void;
  }) {
    this.#timers = options.timers;
    this.#random = options.random;
    this.#onPassing = options.onPassing;
  }

  /** @throws ClientError `refused`, `timed_out`, `closed`; `unreachable` with `oneSocket`. */
  request<M extends Method>(
    method: M,
    params: ParamsOf<M>,
    options: RequestOptions = {},
  ): Promise<ResultOf<M>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closedWith !== undefined) return reject(this.#closedWith);
      if (options.oneSocket && this.#send === undefined) return reject(new ClientError('unreachable'));
      if (this.#entries.size >= longestQueue) {
        const reason = 'Too many requests wait for an answer here already.';
        return reject(refusedError({ code: 'too_many_in_flight', reason }));
      }
      const id = ++this.#lastId;
      const { patienceMs } = options;
      const entry: Entry = {
        ...options,
        id,
        method,
        lane: options.lane ?? 'ordinary',
        text: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        resolve,
        reject,
        cancelDeadline:
          patienceMs === undefined ? () => {} : this.#timers.after(patienceMs, () => this.#expire(entry)),
        cancelPause: () => {},
        state: 'unsent',
        attempts: 0,
        refusal: undefined,
      };
      this.#entries.set(id, entry);
      this.#pump();
    }) as Promise<ResultOf<M>>;
  }

  /** A socket is there; requests of the lane `session` may go. */
  attach(send: (text: string) => void): void {
    this.#send = send;
    this.#pump();
  }

  /** The socket is signed in; everything may go. */
  ready(): void {
    this.#ready = true;
    for (const entry of this.#entries.values()) {
      if (entry.state === 'pausing') this.#unpause(entry);
    }
    this.#pump();
  }

  /** The socket is gone. */
  detach(): void {
    this.#send = undefined;
    this.#ready = false;
    this.#inFlight = 0;
    this.#givenUp.clear();
    for (const entry of [...this.#entries.values()]) {
      if (entry.oneSocket) this.#fail(entry, new ClientError('unreachable'));
      else if (entry.state === 'sent') entry.state = 'unsent';
    }
  }

  /** No socket comes any more. */
  close(error: ClientError): void {
    this.#closedWith = error;
    this.#send = undefined;
    for (const entry of [...this.#entries.values()]) this.#fail(entry, error);
  }

  /** Takes an answer; false when nothing was asked under that id. */
  answer(id: number, answer: { readonly result: unknown } | { readonly refusal: ReceivedRefusal }): boolean {
    const entry = this.#entries.get(id) ?? this.#givenUp.get(id);
    if (entry?.state !== 'sent') return false;
    if (entry.lane !== 'session') this.#inFlight--;
    if (this.#givenUp.delete(id)) {
      if ('result' in answer) this.#settle(entry, answer.result);
    } else if ('refusal' in answer && passing.has(answer.refusal.code)) {
      this.#pause(entry, answer.refusal);
    } else if ('refusal' in answer) {
      this.#forget(entry);
      entry.onRefusal?.(answer.refusal);
      entry.reject(refusedError(answer.refusal));
    } else {
      this.#forget(entry);
      this.#settle(entry, answer.result);
    }
    this.#pump();
    return true;
  }

  /** A result that its taker cannot make sense of fails the request, and nothing else. */
  #settle(entry: Entry, result: unknown): void {
    try {
      entry.onResult?.(result);
      entry.resolve(result);
    } catch (cause) {
      entry.reject(cause instanceof ClientError ? cause : new ClientError('protocol', undefined, { cause }));
    }
  }

  #pause(entry: Entry, refusal: ReceivedRefusal): void {
    const jitter = backOffMs(entry.attempts++, this.#random(), retrySettings);
    entry.state = 'pausing';
    entry.refusal = refusal;
    entry.cancelPause = this.#timers.after((refusal.retryAfterMs ?? 0) + jitter, () => {
      this.#unpause(entry);
      this.#pump();
    });
    this.#onPassing(refusal);
  }

  #unpause(entry: Entry): void {
    entry.cancelPause();
    entry.state = 'unsent';
  }

  #pump(): void {
    for (const lane of lanes) {
      if (lane !== 'session' && !this.#ready) return;
      for (const entry of this.#entries.values()) {
        if (entry.lane !== lane || entry.state !== 'unsent') continue;
        if (lane !== 'session' && this.#inFlight >= windowSize) return;
        if (this.#send === undefined) return;
        if (lane !== 'session') this.#inFlight++;
        entry.state = 'sent';
        entry.refusal = undefined;
        this.#send(entry.text);
      }
    }
  }

  /** Out of patience. Where the last word was a refusal, that is the reason, and nothing has happened. */
  #expire(entry: Entry): void {
    this.#fail(entry, entry.refusal ? refusedError(entry.refusal) : new ClientError('timed_out'));
  }

  #fail(entry: Entry, error: ClientError): void {
    if (entry.state === 'sent' && this.#send !== undefined) this.#givenUp.set(entry.id, entry);
    this.#forget(entry);
    entry.reject(error);
  }

  #forget(entry: Entry): void {
    entry.cancelDeadline();
    entry.cancelPause();
    this.#entries.delete(entry.id);
  }
}
