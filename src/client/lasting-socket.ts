import { closings, endsSession as isSessionOver, mayReconnect } from '../protocol/closings.ts';
import { playSubprotocol, type SessionInfo } from '../protocol/player-messages.ts';
import type { AccessTokenSource, HeldToken } from './access-token.ts';
import { backOffMs } from './back-off.ts';
import { Cell, type ReadonlyCell } from './cell.ts';
import { ClientError, isRefusal } from './client-error.ts';
import type { ConnectionState } from './connection-state.ts';
import { InBandRefresh } from './in-band-refresh.ts';
import type { RequestQueue } from './request-queue.ts';
import { isObject, parseServerMessage, type ServerMessage } from './server-message.ts';
import { SessionToken } from './session-token.ts';
import type { Timers } from './timers.ts';
import type { Dial, Transport } from './transport.ts';

/** What a lasting socket tells its owner. */
export interface LastingSocketEvents {
  /** Signed in; what the owner asks for now goes out before the requests that wait. */
  opened(): void;
  /** The socket is gone; another one follows, unless `shut` comes first. */
  lost(): void;
  /** No socket comes any more. */
  shut(error: ClientError): void;
  /** A notification that does not concern the session. */
  notified(method: string, params: Record<string, unknown>): void;
}

export interface LastingSocketOptions {
  readonly url: string;
  readonly tokens: AccessTokenSource;
  readonly dial: Dial;
  readonly timers: Timers;
  readonly random: () => number;
  readonly queue: RequestQueue;
  readonly events: LastingSocketEvents;
}

interface ShownToken {
  readonly token: string;
  readonly proof?: string;
}

const reconnectSettings = { firstMs: 250, longestMs: 4_000 };
/** Milliseconds that dialling and signing in may take together. */
const signInDeadlineMs = 15_000;

/**
 * A signed-in socket that is replaced when it is lost: dials, signs in, keeps the session alive, and comes back with
 * full jitter, when and if the server lets it. Its life is drawn in `connection-state.ts`.
 */
export class LastingSocket {
  readonly #url: string;
  readonly #token: SessionToken;
  readonly #dial: Dial;
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #queue: RequestQueue;
  readonly #events: LastingSocketEvents;
  readonly #state = new Cell<ConnectionState>({ phase: 'connecting' });

  /** Set before anybody is told, so that a listener which closes the connection again finds it closed. */
  #isShut = false;
  #transport: Transport | undefined;
  /** Counts sockets, so that what an abandoned one still says or what was begun for it is known as its own. */
  #socketNumber = 0;
  #failures = 0;
  #closing:
    | { readonly reconnect: boolean; readonly retryAfterMs: number; readonly reason: string }
    | undefined;
  #cancelSignInDeadline = () => {};
  #cancelRetry = () => {};
  #refresh: InBandRefresh | undefined;

  constructor(options: LastingSocketOptions) {
    this.#url = options.url;
    this.#token = new SessionToken(options.tokens);
    this.#dial = options.dial;
    this.#timers = options.timers;
    this.#random = options.random;
    this.#queue = options.queue;
    this.#events = options.events;
  }

  get state(): ReadonlyCell<ConnectionState> {
    return this.#state;
  }

  start(): void {
    void this.#connect();
  }

  /** Ends it for good. Calling it again does nothing. */
  close(): void {
    this.#shut(undefined);
  }

  async #connect(): Promise<void> {
    if (this.#isShut) return;
    const number = ++this.#socketNumber;
    this.#closing = undefined;
    this.#cancelSignInDeadline = this.#timers.after(signInDeadlineMs, () =>
      this.#lost(number, new ClientError('timed_out', 'The server did not answer in time.')),
    );
    this.#state.set({ phase: 'connecting' });
    if (this.#isShut) return;
    let shown: ShownToken;
    try {
      shown = await this.#shown(await this.#token.obtain());
    } catch (error) {
      if (number === this.#socketNumber) this.#tokenFailed(number, error);
      return;
    }
    if (number !== this.#socketNumber) return;
    this.#transport = this.#dial({
      url: this.#url,
      subprotocol: playSubprotocol,
      ...shown,
      events: {
        opened: ({ signedIn }) => {
          if (number === this.#socketNumber) void this.#signIn(number, signedIn ? undefined : shown);
        },
        message: (text) => {
          if (number === this.#socketNumber) this.#read(text);
        },
        closed: ({ code, error }) => {
          if (number === this.#socketNumber) this.#socketClosed(number, code, error);
        },
      },
    });
  }

  /** When the upgrade carried the token, the server answers a `session.open` that was never sent, under the id 0. */
  async #signIn(number: number, shown: ShownToken | undefined): Promise<void> {
    const transport = this.#transport;
    this.#queue.attach((text) => transport?.send(text));
    if (shown === undefined) return;
    try {
      await this.#queue.request(
        'session.open',
        { ...shown },
        { lane: 'session', oneSocket: true, onResult: (session) => this.#opened(number, session) },
      );
    } catch (error) {
      if (number === this.#socketNumber) this.#signInRefused(number, error);
    }
  }

  /** A proof is for one use, and whichever way it goes it is for the upgrade of this socket. */
  async #shown({ token, prover }: HeldToken): Promise<ShownToken> {
    if (prover === undefined) return { token };
    const url = this.#url.replace(/^wss:/, 'https:');
    return { token, proof: await prover.prove({ method: 'GET', url, accessToken: token }) };
  }

  #signInRefused(number: number, error: unknown): void {
    if (isRefusal(error, 'token_expired')) this.#token.reject();
    else if (endsSession(error) && !(isRefusal(error, 'token_invalid') && this.#token.rejectOnce())) {
      this.#shut(new ClientError('signed_out', error.message, { cause: error }));
      return;
    }
    this.#lost(
      number,
      error instanceof ClientError ? error : new ClientError('protocol', undefined, { cause: error }),
    );
  }

  #opened(number: number, session: unknown): void {
    if (this.#state.value.phase !== 'connecting') return;
    if (!isSessionInfo(session)) {
      this.#lost(number, new ClientError('protocol'));
      return;
    }
    this.#cancelSignInDeadline();
    this.#failures = 0;
    this.#token.accepted();
    this.#refresh = this.#keepSession(number);
    this.#refresh.schedule(session.expiresAt);
    this.#state.set({ phase: 'open', session });
    // Resumes are asked for before the commands that wait go out again, so that answers meet a current match.
    this.#events.opened();
    this.#queue.ready();
  }

  #read(text: string): void {
    const message = parseServerMessage(text);
    if (message === undefined) {
      this.#lost(this.#socketNumber, new ClientError('protocol'));
      return;
    }
    switch (message.kind) {
      case 'result':
        if (message.id === 0) this.#opened(this.#socketNumber, message.result);
        else this.#queue.answer(message.id, { result: message.result });
        break;
      case 'refusal':
        // Without an id it announces a violation; `session.closing` and the close follow.
        if (message.id !== null) this.#queue.answer(message.id, { refusal: message.refusal });
        break;
      case 'notification':
        this.#notified(message);
        break;
    }
  }

  #notified({ method, params }: Extract<ServerMessage, { kind: 'notification' }>): void {
    switch (method) {
      case 'session.expiring':
        void this.#refresh?.now();
        break;
      case 'session.closing':
        this.#closing = {
          reconnect: params.reconnect === true,
          retryAfterMs: typeof params.retryAfterMs === 'number' ? Math.max(0, params.retryAfterMs) : 0,
          reason: typeof params.reason === 'string' ? params.reason : '',
        };
        break;
      default:
        this.#events.notified(method, params);
    }
  }

  #keepSession(number: number): InBandRefresh {
    return new InBandRefresh({
      timers: this.#timers,
      refresh: async () => {
        const shown = await this.#shown(await this.#token.renew());
        const options = { lane: 'session', oneSocket: true } as const;
        const session = await this.#queue.request('session.refresh', { ...shown }, options);
        if (number === this.#socketNumber) {
          this.#token.accepted();
          this.#state.set({ phase: 'open', session });
        }
        return session;
      },
      isFinal: (error) => {
        const signedOut = error instanceof ClientError && error.code === 'signed_out';
        if (signedOut) this.#shut(error);
        else if (endsSession(error))
          this.#shut(new ClientError('signed_out', error.message, { cause: error }));
        return signedOut || endsSession(error);
      },
    });
  }

  #socketClosed(number: number, code: number, cause: unknown): void {
    const closing = this.#closing;
    if (code === closings.token_expired.code) this.#token.reject();
    const reason = closing?.reason || reasonOf(code);
    // The table says not to come back with the same token; a fresh one is another attempt, made once.
    const isRenewed = code === closings.token_invalid.code && this.#token.rejectOnce();
    if (!isRenewed && (isSessionOver(code) || code === closings.token_invalid.code)) {
      this.#shut(new ClientError('signed_out', reason, { closeCode: code }));
      return;
    }
    if (!isRenewed && !(closing?.reconnect ?? mayReconnect(code))) {
      this.#shut(new ClientError('dismissed', reason, { closeCode: code }));
      return;
    }
    const error =
      cause instanceof ClientError
        ? cause
        : new ClientError('unreachable', reason, { closeCode: code, cause });
    this.#lost(number, error);
  }

  #tokenFailed(number: number, error: unknown): void {
    if (error instanceof ClientError && (error.code === 'unreachable' || error.code === 'timed_out')) {
      this.#lost(number, error);
    } else {
      this.#shut(
        error instanceof ClientError ? error : new ClientError('signed_out', undefined, { cause: error }),
      );
    }
  }

  /** The socket, or the attempt to have one, is over; another one follows. */
  #lost(number: number, error: ClientError): void {
    if (number !== this.#socketNumber) return;
    this.#dropSocket();
    // The server's wish is a least wait; jitter on top keeps its clients from coming back in one wave.
    const wait =
      (this.#closing?.retryAfterMs ?? 0) + backOffMs(this.#failures++, this.#random(), reconnectSettings);
    this.#cancelRetry = this.#timers.after(wait, () => void this.#connect());
    this.#state.set({
      phase: 'waiting',
      attempt: this.#failures,
      retryAt: this.#timers.now() + wait,
      error,
    });
    // Last, because whoever hears of a loss may close the connection: the retry must be there to be cancelled.
    if (!this.#isShut) this.#events.lost();
  }

  #shut(error: ClientError | undefined): void {
    if (this.#isShut) return;
    this.#isShut = true;
    this.#dropSocket();
    this.#state.set({ phase: 'closed', ...(error && { error }) });
    this.#state.end();
    const why = error ?? new ClientError('closed');
    this.#queue.close(why);
    this.#events.shut(why);
  }

  #dropSocket(): void {
    // Whatever the old socket still says belongs to no number any more.
    this.#socketNumber++;
    this.#cancelSignInDeadline();
    this.#refresh?.stop();
    this.#cancelRetry();
    this.#transport?.close();
    this.#transport = undefined;
    this.#queue.detach();
  }
}

function isSessionInfo(value: unknown): value is SessionInfo {
  return isObject(value) && typeof value.name === 'string' && typeof value.expiresAt === 'number';
}

function endsSession(error: unknown): error is ClientError {
  return isRefusal(error, 'token_invalid', 'session_ended', 'session_mismatch');
}

function reasonOf(code: number): string {
  const known = Object.values<{ code: number; text: string }>(closings).find((each) => each.code === code);
  return known?.text ?? 'The connection was lost.';
}
