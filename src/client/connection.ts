import { closings, mayReconnect } from '../protocol/closings.ts';
import { newId, type RandomBytes, webRandomBytes } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';
import type { Follow, ParamsOf, ResultOf, SessionInfo, Visibility } from '../protocol/player-messages.ts';
import { playSubprotocol } from '../protocol/player-messages.ts';
import { type AccessTokenSource, tokenMarginMs } from './access-token.ts';
import { backOffMs } from './back-off.ts';
import { Cell, type ReadonlyCell } from './cell.ts';
import { ClientError, isRefusal } from './client-error.ts';
import { type Following, Match, type MatchPort } from './match.ts';
import { RequestQueue } from './request-queue.ts';
import { parseServerMessage, type ServerMessage } from './server-message.ts';
import { StandingFinds } from './standing-finds.ts';
import { systemTimers, type Timers } from './timers.ts';
import { type Dial, type Transport, webSocketDial } from './transport.ts';

/**
 * ```
 *   connecting ──signed in──▶ open
 *     ▲    │ failed             │ socket lost
 *   time   ▼                    ▼
 *     └─ waiting ◀──────────────┘
 *   any of them ──close(), signed out, or told not to come back──▶ closed
 * ```
 */
export type ConnectionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open'; readonly session: SessionInfo }
  /** `attempt` counts failures in a row, from 1; the next try is at `retryAt`, Unix milliseconds. */
  | {
      readonly phase: 'waiting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly error: ClientError;
    }
  /** No `error` after `close()`. */
  | { readonly phase: 'closed'; readonly error?: ClientError };

export interface ConnectionOptions {
  /** `wss://HOST:PORT/play` */
  readonly url: string;
  readonly tokens: AccessTokenSource;
  /** How long any request waits for its answer, reconnects included, unless the call says otherwise. Default 10 min. */
  readonly patienceMs?: number;
  readonly dial?: Dial;
  readonly timers?: Timers;
  /** From 0 up to, not including, 1; spreads reconnects. */
  readonly random?: () => number;
  /** For command ids. */
  readonly randomBytes?: RandomBytes;
}

export interface CallOptions {
  readonly patienceMs?: number;
}

const defaultPatienceMs = 10 * 60_000;
const reconnectSettings = { firstMs: 250, longestMs: 4_000 };
/** Milliseconds that dialling and signing in may take together. */
const signInDeadlineMs = 15_000;
/** Milliseconds before another try when a refresh failed on the network while the socket still stands. */
const refreshRetryMs = 5_000;

/**
 * A signed-in connection to a Castling server that looks after itself: it refreshes its token in-band before expiry,
 * comes back after a loss with full jitter (or when and if the server says), resumes every followed match from the
 * last sequence seen, and sends unanswered commands again under the same command id. Runs in Node and in a browser.
 *
 * ```ts
 * const connection = new Connection({ url: 'wss://localhost:8443/play', tokens });
 * const match = await connection.findMatch('tic-tac-toe');
 * for await (const { state } of match.updates) if (state.turn === match.seat) await match.move(4);
 * ```
 */
export class Connection {
  readonly #url: string;
  readonly #tokens: AccessTokenSource;
  readonly #patienceMs: number;
  readonly #dial: Dial;
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #randomBytes: RandomBytes;

  readonly #state = new Cell<ConnectionState>({ phase: 'connecting' });
  readonly #service = new Cell<'up' | 'away'>('up');
  readonly #queue: RequestQueue;
  readonly #matches = new Map<string, Match>();
  readonly #finds: StandingFinds;
  readonly #port: MatchPort;

  #transport: Transport | undefined;
  /** Counts sockets, so that what an abandoned one still says or what was begun for it is known as its own. */
  #socketNumber = 0;
  #token = '';
  /** A token that the server refused; the source is asked for another one. */
  #rejectedToken: string | undefined;
  #triedFreshToken = false;
  #failures = 0;
  #closing:
    | { readonly reconnect: boolean; readonly retryAfterMs: number; readonly reason: string }
    | undefined;
  #cancelSignInDeadline = () => {};
  #cancelRetry = () => {};
  #cancelRefresh = () => {};

  /** Begins to connect at once. */
  constructor(options: ConnectionOptions) {
    this.#url = options.url;
    this.#tokens = options.tokens;
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
    this.#dial = options.dial ?? webSocketDial;
    this.#timers = options.timers ?? systemTimers;
    this.#random = options.random ?? Math.random;
    this.#randomBytes = options.randomBytes ?? webRandomBytes;
    this.#queue = new RequestQueue({
      timers: this.#timers,
      random: this.#random,
      onPassing: ({ code }) => {
        if (code === 'backend_unavailable') this.#service.set('away');
      },
    });
    this.#port = {
      request: (method, params, call = {}) =>
        this.#queue.request(method, params, {
          patienceMs: this.#patienceMs,
          ...call,
          onResult: (result) => {
            // These methods are the backend's to answer, so it is there.
            this.#service.set('up');
            call.onResult?.(result);
          },
        }),
      newCommandId: () => newId('command', this.#randomBytes),
      dropped: (match) => this.#matches.delete(match),
    };
    this.#finds = new StandingFinds(this.#port);
    void this.#connect();
  }

  /** The life of the connection: iterate it, subscribe, or read its value. */
  get state(): ReadonlyCell<ConnectionState> {
    return this.#state;
  }

  /** Whether the game backend answered lately. While it is `away`, requests wait and matches are safe. */
  get service(): ReadonlyCell<'up' | 'away'> {
    return this.#service;
  }

  /**
   * Plays with whoever waits for the same game, or waits. Aborting the signal leaves the lobby.
   *
   * @throws ClientError `refused` (`game_unknown`, `lobby_full`, `too_many_matches`), `aborted`, `closed`
   */
  async findMatch(game: string, options: { readonly signal?: AbortSignal } = {}): Promise<Match> {
    const match = await this.#finds.find(game, options.signal);
    return this.joinMatch({ match });
  }

  /** Makes a match with a free seat; `code` of the result invites someone. Private unless asked otherwise. */
  createMatch(
    { game, visibility }: { readonly game: string; readonly visibility?: Visibility },
    options: CallOptions = {},
  ): Promise<Match> {
    const params = { game, ...(visibility && { visibility }), commandId: this.#port.newCommandId() };
    return this.#follow('match.create', params, { as: 'player' }, options);
  }

  /** Takes a free seat, or comes back to one's own. */
  joinMatch(
    which: { readonly match: string } | { readonly code: string },
    options: CallOptions = {},
  ): Promise<Match> {
    const params = { ...which, commandId: this.#port.newCommandId() };
    return this.#follow('match.join', params, { as: 'player' }, options);
  }

  /** Watches from the first event on. A private match only by its code. */
  watchMatch(
    which: { readonly match: string } | { readonly code: string },
    options: CallOptions = {},
  ): Promise<Match> {
    return this.#follow('match.watch', { ...which, after: 0 }, { as: 'spectator', ...which }, options);
  }

  listMatches(params: ParamsOf<'match.list'>, options: CallOptions = {}): Promise<ResultOf<'match.list'>> {
    return this.#port.request('match.list', params, options);
  }

  /** Looks at a match without following it. */
  getMatch(params: ParamsOf<'match.get'>, options: CallOptions = {}): Promise<Follow> {
    return this.#port.request('match.get', params, options);
  }

  /**
   * The session, as soon as there is one.
   *
   * @param options.attempts failed attempts after which it gives up waiting; the connection itself goes on. Without
   *   it, it waits as long as the connection lives.
   * @throws ClientError why there is none
   */
  async opened(options: { readonly attempts?: number } = {}): Promise<SessionInfo> {
    for await (const state of this.#state) {
      if (state.phase === 'open') return state.session;
      if (state.phase === 'closed') throw state.error ?? new ClientError('closed');
      if (state.phase === 'waiting' && state.attempt >= (options.attempts ?? Number.POSITIVE_INFINITY)) {
        throw state.error;
      }
    }
    throw new ClientError('closed');
  }

  /** Ends everything here. Seats are kept on the server. Calling it again does nothing. */
  close(): void {
    this.#shut(undefined);
  }

  async #connect(): Promise<void> {
    const number = ++this.#socketNumber;
    this.#closing = undefined;
    this.#state.set({ phase: 'connecting' });
    this.#cancelSignInDeadline = this.#timers.after(signInDeadlineMs, () =>
      this.#lost(number, new ClientError('timed_out', 'The server did not answer in time.')),
    );
    try {
      const rejected = this.#rejectedToken;
      const { token } = await this.#tokens.accessToken(rejected === undefined ? {} : { rejected });
      if (number !== this.#socketNumber) return;
      this.#token = token;
    } catch (error) {
      if (number === this.#socketNumber) this.#tokenFailed(number, error);
      return;
    }
    this.#transport = this.#dial({
      url: this.#url,
      subprotocol: playSubprotocol,
      token: this.#token,
      events: {
        opened: ({ signedIn }) => {
          if (number === this.#socketNumber) void this.#signIn(number, signedIn);
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
  async #signIn(number: number, signedIn: boolean): Promise<void> {
    const transport = this.#transport;
    this.#queue.attach((text) => transport?.send(text));
    if (signedIn) return;
    try {
      await this.#queue.request(
        'session.open',
        { token: this.#token },
        { lane: 'session', oneSocket: true, onResult: (session) => this.#opened(session as SessionInfo) },
      );
    } catch (error) {
      if (number === this.#socketNumber) this.#signInRefused(number, error);
    }
  }

  #signInRefused(number: number, error: unknown): void {
    const mayRenew = isRefusal(error, 'token_expired') || this.#mayTryFreshToken(error);
    if (mayRenew) this.#rejectedToken = this.#token;
    else if (endsSession(error)) {
      this.#shut(new ClientError('signed_out', error.message, { cause: error }));
      return;
    }
    this.#lost(
      number,
      error instanceof ClientError ? error : new ClientError('protocol', undefined, { cause: error }),
    );
  }

  /** An invalid token may be one of before the server's keys changed: one fresh one is tried. */
  #mayTryFreshToken(error: unknown): boolean {
    if (!isRefusal(error, 'token_invalid') || this.#triedFreshToken) return false;
    this.#triedFreshToken = true;
    return true;
  }

  #opened(session: SessionInfo): void {
    this.#cancelSignInDeadline();
    this.#failures = 0;
    this.#rejectedToken = undefined;
    this.#triedFreshToken = false;
    this.#scheduleRefresh(session.expiresAt);
    this.#state.set({ phase: 'open', session });
    // Asked for before the commands that follow them go out again, so that answers meet a current match.
    for (const match of this.#matches.values()) match.resume();
    this.#finds.askAgain();
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
        if (message.id === 0) this.#opened(message.result as SessionInfo);
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
    const match = typeof params.match === 'string' ? this.#matches.get(params.match) : undefined;
    switch (method) {
      case 'match.event':
        this.#service.set('up');
        match?.receive(params);
        break;
      case 'match.presence': {
        const service = params.service === 'away' ? 'away' : 'up';
        this.#service.set(service);
        match?.presenceChanged({
          match: match.id,
          service,
          ...(Array.isArray(params.online) && { online: params.online.filter(Number.isSafeInteger) }),
        });
        break;
      }
      case 'lobby.matched':
        this.#finds.matched(params);
        break;
      case 'session.expiring':
        void this.#refresh(this.#socketNumber);
        break;
      case 'session.closing':
        this.#closing = {
          reconnect: params.reconnect === true,
          retryAfterMs: typeof params.retryAfterMs === 'number' ? Math.max(0, params.retryAfterMs) : 0,
          reason: typeof params.reason === 'string' ? params.reason : '',
        };
        break;
    }
  }

  /** Without this the server asks for it by `session.expiring`; with a clock that is far off it is the only way. */
  #scheduleRefresh(expiresAtSeconds: number): void {
    this.#cancelRefresh();
    const life = expiresAtSeconds * 1000 - this.#timers.now();
    const wait = life - limits.expiringNoticeMs - tokenMarginMs;
    if (wait <= 0) return;
    const number = this.#socketNumber;
    this.#cancelRefresh = this.#timers.after(wait, () => void this.#refresh(number));
  }

  async #refresh(number: number): Promise<void> {
    this.#cancelRefresh();
    try {
      const { token } = await this.#tokens.accessToken({ rejected: this.#token });
      if (number !== this.#socketNumber) return;
      this.#token = token;
      const session = await this.#queue.request(
        'session.refresh',
        { token },
        { lane: 'session', oneSocket: true },
      );
      if (number !== this.#socketNumber) return;
      this.#scheduleRefresh(session.expiresAt);
      this.#state.set({ phase: 'open', session });
    } catch (error) {
      if (number !== this.#socketNumber) return;
      if (error instanceof ClientError && error.code === 'signed_out') this.#shut(error);
      else if (endsSession(error)) this.#shut(new ClientError('signed_out', error.message, { cause: error }));
      else this.#cancelRefresh = this.#timers.after(refreshRetryMs, () => void this.#refresh(number));
    }
  }

  #socketClosed(number: number, code: number, cause: unknown): void {
    const closing = this.#closing;
    if (code === closings.token_expired.code) this.#rejectedToken = this.#token;
    const reason = closing?.reason || reasonOf(code);
    // The table says not to come back with the same token; a fresh one is another attempt, made once.
    const mayRenew = code === closings.token_invalid.code && !this.#triedFreshToken;
    if (mayRenew) {
      this.#triedFreshToken = true;
      this.#rejectedToken = this.#token;
    } else if (code === closings.session_ended.code || code === closings.token_invalid.code) {
      this.#shut(new ClientError('signed_out', reason, { closeCode: code }));
      return;
    } else if (!(closing?.reconnect ?? mayReconnect(code))) {
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
  }

  #shut(error: ClientError | undefined): void {
    if (this.#state.value.phase === 'closed') return;
    this.#dropSocket();
    this.#state.set({ phase: 'closed', ...(error && { error }) });
    this.#state.end();
    this.#service.end();
    const why = error ?? new ClientError('closed');
    this.#queue.close(why);
    this.#finds.close(why);
    for (const match of [...this.#matches.values()]) match.ended();
  }

  #dropSocket(): void {
    // Whatever the old socket still says belongs to no number any more.
    this.#socketNumber++;
    this.#cancelSignInDeadline();
    this.#cancelRefresh();
    this.#cancelRetry();
    this.#transport?.close();
    this.#transport = undefined;
    this.#queue.detach();
    for (const match of this.#matches.values()) match.interrupted();
  }

  async #follow<M extends 'match.create' | 'match.join' | 'match.watch'>(
    method: M,
    params: ParamsOf<M>,
    following: Following,
    options: CallOptions,
  ): Promise<Match> {
    let match: Match | undefined;
    await this.#port.request(method, params, {
      ...options,
      // Events may follow in the same moment: the match must be known before they are read.
      onResult: (result) => {
        match = this.#followed(result as Follow, following);
      },
    });
    if (match === undefined) throw new ClientError('protocol');
    return match;
  }

  #followed(follow: Follow, following: Following): Match {
    const known = this.#matches.get(follow.match);
    if (known) {
      known.take(follow);
      return known;
    }
    const match = new Match(this.#port, follow, following);
    this.#matches.set(match.id, match);
    return match;
  }
}

function endsSession(error: unknown): error is ClientError {
  return isRefusal(error, 'token_invalid', 'session_ended', 'session_mismatch');
}

function reasonOf(code: number): string {
  const known = Object.values<{ code: number; text: string }>(closings).find((each) => each.code === code);
  return known?.text ?? 'The connection was lost.';
}
