import { newId, type RandomBytes, webRandomBytes } from '../protocol/ids.ts';
import type { Follow, ParamsOf, ResultOf, SessionInfo, Visibility } from '../protocol/player-messages.ts';
import type { AccessTokenSource } from './access-token.ts';
import { Cell, type ReadonlyCell } from './cell.ts';
import { ClientError } from './client-error.ts';
import type { ConnectionState } from './connection-state.ts';
import { LastingSocket } from './lasting-socket.ts';
import { type LobbyListener, LobbyWatch } from './lobby-watch.ts';
import { type Following, Match, type MatchPort } from './match.ts';
import { RequestQueue } from './request-queue.ts';
import { StandingFinds } from './standing-finds.ts';
import { systemTimers, type Timers } from './timers.ts';
import { type Dial, webSocketDial } from './transport.ts';

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
  readonly #patienceMs: number;
  readonly #service = new Cell<'up' | 'away'>('up');
  readonly #queue: RequestQueue;
  readonly #socket: LastingSocket;
  readonly #matches = new Map<string, Match>();
  readonly #finds: StandingFinds;
  readonly #lobby: LobbyWatch;
  readonly #port: MatchPort;

  /** Begins to connect at once. */
  constructor(options: ConnectionOptions) {
    const timers = options.timers ?? systemTimers;
    const random = options.random ?? Math.random;
    const randomBytes = options.randomBytes ?? webRandomBytes;
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs;
    this.#queue = new RequestQueue({
      timers,
      random,
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
      newCommandId: () => newId('command', randomBytes),
      dropped: (match) => this.#matches.delete(match),
    };
    this.#finds = new StandingFinds(this.#port);
    this.#lobby = new LobbyWatch(this.#port);
    this.#socket = new LastingSocket({
      url: options.url,
      tokens: options.tokens,
      dial: options.dial ?? webSocketDial,
      timers,
      random,
      queue: this.#queue,
      events: {
        opened: () => this.#opened(),
        lost: () => this.#lost(),
        shut: (error) => this.#shut(error),
        notified: (method, params) => this.#notified(method, params),
      },
    });
    this.#socket.start();
  }

  /** The life of the connection: iterate it, subscribe, or read its value. */
  get state(): ReadonlyCell<ConnectionState> {
    return this.#socket.state;
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

  /**
   * Calls `listener` with the names of lists that may have changed, whenever they may have; ask for those that are
   * shown. News can be lost: look now and then without any. Returns the function that stops it.
   */
  watchLobby(listener: LobbyListener): () => void {
    return this.#lobby.add(listener);
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
    for await (const state of this.state) {
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
    this.#socket.close();
  }

  #opened(): void {
    for (const match of this.#matches.values()) match.resume();
    this.#finds.askAgain();
    this.#lobby.askAgain();
  }

  #lost(): void {
    for (const match of this.#matches.values()) match.interrupted();
  }

  #shut(error: ClientError): void {
    this.#service.end();
    this.#finds.close(error);
    for (const match of [...this.#matches.values()]) match.ended();
  }

  #notified(method: string, params: Record<string, unknown>): void {
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
      case 'lobby.changed':
        this.#lobby.changed(params);
        break;
    }
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
