import type { Json } from '../../src/protocol/json.ts';

/** One side of a socket as the fake server sees it. */
export interface FakePeer {
  send(text: string): void;
  close(code: number): void;
}

export interface FakePlayer {
  readonly player: string;
  readonly name: string;
  readonly session: string;
}

interface FakeEvent {
  readonly match: string;
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

interface FakeMatch {
  readonly match: string;
  readonly game: string;
  readonly visibility: string;
  readonly code: string;
  readonly events: FakeEvent[];
  readonly players: FakePlayer[];
  board: string;
  turn: number | null;
  result: unknown;
}

const lines = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
] as const;

class Refused extends Error {
  readonly data: Record<string, unknown>;
  constructor(code: string, more: Record<string, unknown> = {}) {
    super(code);
    this.data = { code, reason: `refused: ${code}`, requestId: 'r_1', ...more };
  }
}

/**
 * A player-protocol server in memory, written from PROTOCOL.md alone: two seats, tic-tac-toe, and `tally`, in which
 * any number may be added and which ends at a length of the test's choosing. Commands happen once per command id.
 */
export class FakePlayServer {
  readonly tokens = new Map<string, FakePlayer>();
  readonly matches = new Map<string, FakeMatch>();
  readonly sockets = new Set<FakeSocket>();
  /** Every command that took effect, by player and command id, with its answer. */
  readonly effects = new Map<string, unknown>();
  readonly tallyLength: number;
  /** While true, everything that needs a backend is refused as unavailable. */
  away = false;
  expiresAt = Math.floor(Date.now() / 1000) + 600;
  #waiting: { socket: FakeSocket; player: FakePlayer; commandId: string; game: string } | undefined;
  readonly #found = new Map<string, { match: string; seat: number }>();
  #matchNumber = 0;

  constructor(options: { readonly tallyLength?: number } = {}) {
    this.tallyLength = options.tallyLength ?? 20;
  }

  /** `token` is given when the upgrade carried it. */
  accept(peer: FakePeer, token?: string): FakeSocket {
    const socket = new FakeSocket(this, peer);
    this.sockets.add(socket);
    if (token !== undefined) socket.signIn(0, token);
    return socket;
  }

  setAway(away: boolean): void {
    this.away = away;
    for (const socket of this.sockets) {
      for (const match of socket.follows.keys()) {
        socket.notify('match.presence', {
          match,
          service: away ? 'away' : 'up',
          ...(!away && { online: [0, 1] }),
        });
      }
    }
  }

  handle(socket: FakeSocket, method: string, params: Record<string, unknown>): unknown {
    const player = socket.player;
    if (player === undefined) throw new Refused('not_signed_in');
    if (this.away) throw new Refused('backend_unavailable', { retryAfterMs: 10 });
    switch (method) {
      case 'lobby.find':
        return this.#find(socket, player, params);
      case 'lobby.cancel':
        if (this.#waiting?.player.player !== player.player) throw new Refused('not_waiting');
        this.#waiting = undefined;
        return {};
      case 'match.create':
        return this.#once(
          player,
          params,
          () => {
            const match = this.#createMatch(String(params.game), String(params.visibility ?? 'private'));
            this.#seat(match, player);
            return match.match;
          },
          (id) => this.#follow(socket, this.#match({ match: id }), player, {}),
        );
      case 'match.join': {
        const match = this.#match(params);
        if (!match.players.some((each) => each.player === player.player)) {
          if (match.players.length === 2) throw new Refused('match_full');
          this.#seat(match, player);
          this.#start(match);
        }
        return this.#follow(socket, match, player, params);
      }
      case 'match.watch':
        return this.#follow(socket, this.#match(params), player, params);
      case 'match.get':
        return this.#followOf(this.#match(params), player, params);
      case 'match.unwatch':
      case 'match.leave':
        socket.follows.delete(String(params.match));
        return {};
      case 'match.move':
        return this.#once(player, params, () => this.#move(socket, this.#match(params), player, params));
      case 'match.resign':
        return this.#once(player, params, () => {
          const match = this.#match(params);
          const seat = this.#seatOf(match, player);
          if (match.result !== null) throw new Refused('match_over');
          const event = this.#log(match, socket, { type: 'resigned', seat, commandId: params.commandId });
          this.#end(match, { kind: 'won', seat: 1 - seat, reason: 'resigned' });
          return event;
        });
      case 'match.offerDraw':
        return this.#once(player, params, () => {
          const match = this.#match(params);
          return this.#log(match, socket, {
            type: 'drawOffered',
            seat: this.#seatOf(match, player),
            commandId: params.commandId,
          });
        });
      case 'match.offerRematch':
        return this.#once(player, params, () => {
          const match = this.#match(params);
          const seat = this.#seatOf(match, player);
          const other = match.events.some((event) => event.type === 'rematchOffered' && event.seat !== seat);
          const event = this.#log(match, socket, {
            type: 'rematchOffered',
            seat,
            commandId: params.commandId,
          });
          if (other) {
            const next = this.#createMatch(match.game, match.visibility);
            for (const each of [...match.players].reverse()) this.#seat(next, each);
            this.#start(next);
            this.#log(match, undefined, { type: 'rematchAgreed', next: next.match });
          }
          return event;
        });
      case 'match.list':
        return {
          matches: [...this.matches.values()].reverse().map((match) => ({
            match: match.match,
            game: match.game,
            visibility: match.visibility,
            status: this.#status(match),
            seats: this.#seats(match),
            seat: this.#seatIn(match, player),
            result: match.result,
            seq: match.events.length,
            createdAt: match.events[0]?.at ?? 0,
            updatedAt: match.events.at(-1)?.at ?? 0,
          })),
        };
      default:
        throw new Refused('method_unknown');
    }
  }

  /** The event log of a match, as the truth that every player must have seen. */
  log(match: string): readonly FakeEvent[] {
    return this.matches.get(match)?.events ?? [];
  }

  #once<T>(
    player: FakePlayer,
    params: Record<string, unknown>,
    act: () => T,
    answer: (effect: T) => unknown = (effect) => effect,
  ): unknown {
    const key = `${player.player} ${params.commandId}`;
    if (!this.effects.has(key)) this.effects.set(key, act());
    return answer(this.effects.get(key) as T);
  }

  #find(socket: FakeSocket, player: FakePlayer, params: Record<string, unknown>): unknown {
    const commandId = String(params.commandId);
    const game = String(params.game);
    if (game !== 'tic-tac-toe' && game !== 'tally') throw new Refused('game_unknown');
    const found = this.#found.get(commandId);
    if (found) return { status: 'matched', ...found };
    const other = this.#waiting;
    if (other === undefined || other.player.player === player.player) {
      this.#waiting = { socket, player, commandId, game };
      return { status: 'waiting' };
    }
    this.#waiting = undefined;
    const match = this.#createMatch(game, 'public');
    this.#seat(match, other.player);
    this.#seat(match, player);
    this.#start(match);
    this.#found.set(other.commandId, { match: match.match, seat: 0 });
    this.#found.set(commandId, { match: match.match, seat: 1 });
    other.socket.notify('lobby.matched', { game, match: match.match, seat: 0, commandId: other.commandId });
    return { status: 'matched', match: match.match, seat: 1 };
  }

  #createMatch(game: string, visibility: string): FakeMatch {
    const number = String(++this.#matchNumber).padStart(16, '0');
    const match: FakeMatch = {
      match: `m_${number}`,
      game,
      visibility,
      code: `AB${String(this.#matchNumber + 222222).replaceAll(/[01]/g, '9')}`,
      events: [],
      players: [],
      board: '_________',
      turn: null,
      result: null,
    };
    this.matches.set(match.match, match);
    this.#log(match, undefined, { type: 'created', game, visibility, seats: 2 });
    return match;
  }

  #seat(match: FakeMatch, player: FakePlayer): void {
    match.players.push(player);
    this.#log(match, undefined, { type: 'joined', seat: match.players.length - 1, name: player.name });
  }

  #start(match: FakeMatch): void {
    match.turn = 0;
    this.#log(match, undefined, { type: 'started', state: this.#state(match), turn: 0 });
  }

  #move(
    socket: FakeSocket,
    match: FakeMatch,
    player: FakePlayer,
    params: Record<string, unknown>,
  ): FakeEvent {
    const seat = this.#seatOf(match, player);
    const { move, seq, commandId } = params;
    if (match.result !== null) throw new Refused('match_over');
    if (match.turn === null) throw new Refused('match_not_started');
    if (typeof seq !== 'number' || seq > match.events.length + 1) throw new Refused('sequence_ahead');
    if (seq <= match.events.length)
      throw new Refused('stale_sequence', { missed: match.events.slice(seq - 1) });
    if (match.turn !== seat) throw new Refused('not_your_turn');
    if (typeof move !== 'number') throw new Refused('move_malformed');
    if (match.game === 'tic-tac-toe') {
      if (match.board[move] === undefined) throw new Refused('move_out_of_range');
      if (match.board[move] !== '_') throw new Refused('move_occupied', { reason: 'That square is taken.' });
      match.board = match.board.slice(0, move) + (seat === 0 ? 'X' : 'O') + match.board.slice(move + 1);
    }
    const moves = match.events.filter(({ type }) => type === 'moved').length + 1;
    const mark = seat === 0 ? 'X' : 'O';
    const won =
      match.game === 'tic-tac-toe'
        ? lines.some((line) => line.every((square) => match.board[square] === mark))
        : moves >= this.tallyLength;
    const full = match.game === 'tic-tac-toe' && !match.board.includes('_');
    match.turn = won || full ? null : 1 - seat;
    const event = this.#log(match, socket, {
      type: 'moved',
      seat,
      move: move as Json,
      state: this.#state(match),
      turn: match.turn,
      commandId,
    });
    if (won) this.#end(match, { kind: 'won', seat, reason: 'line' });
    else if (full) this.#end(match, { kind: 'drawn', reason: 'board_full' });
    return event;
  }

  #end(match: FakeMatch, result: unknown): void {
    match.result = result;
    match.turn = null;
    this.#log(match, undefined, { type: 'ended', result });
  }

  /** Appends, then tells every follower but the socket whose answer this event is. */
  #log(match: FakeMatch, mover: FakeSocket | undefined, fields: Record<string, unknown>): FakeEvent {
    const seq = match.events.length + 1;
    const event = { match: match.match, seq, at: 1_000_000 + seq, ...fields } as unknown as FakeEvent;
    match.events.push(event);
    for (const socket of this.sockets) {
      if (!socket.follows.has(match.match)) continue;
      socket.follows.set(match.match, seq);
      if (socket !== mover) socket.notify('match.event', { ...event });
    }
    return event;
  }

  #follow(
    socket: FakeSocket,
    match: FakeMatch,
    player: FakePlayer,
    params: Record<string, unknown>,
  ): unknown {
    const follow = this.#followOf(match, player, params);
    socket.follows.set(match.match, match.events.length);
    return follow;
  }

  #followOf(match: FakeMatch, player: FakePlayer, params: Record<string, unknown>): unknown {
    const seat = this.#seatIn(match, player);
    const { after } = params;
    if (typeof after === 'number' && after > match.events.length) throw new Refused('sequence_ahead');
    return {
      match: match.match,
      game: match.game,
      seat,
      ...(seat !== null && match.visibility === 'private' && { code: match.code }),
      ...(typeof after === 'number'
        ? { events: match.events.slice(after) }
        : { snapshot: this.#snapshot(match) }),
    };
  }

  #snapshot(match: FakeMatch): unknown {
    return {
      match: match.match,
      game: match.game,
      visibility: match.visibility,
      status: this.#status(match),
      seq: match.events.length,
      seats: this.#seats(match),
      turn: match.turn,
      state: match.events.some(({ type }) => type === 'started') ? this.#state(match) : null,
      result: match.result,
      drawOffer: null,
    };
  }

  #state(match: FakeMatch): Json {
    if (match.game === 'tally') return { moves: match.events.filter(({ type }) => type === 'moved').length };
    return { board: match.board };
  }

  #status(match: FakeMatch): string {
    if (match.result !== null) return 'over';
    return match.players.length < 2 ? 'waiting' : 'playing';
  }

  #seats(match: FakeMatch): unknown[] {
    return [0, 1].map((seat) => ({ seat, name: match.players[seat]?.name ?? null }));
  }

  #match({ match, code }: Record<string, unknown>): FakeMatch {
    const found = [...this.matches.values()].find((each) => each.match === match || each.code === code);
    if (found === undefined) throw new Refused('match_unknown');
    return found;
  }

  #seatIn(match: FakeMatch, player: FakePlayer): number | null {
    const seat = match.players.findIndex((each) => each.player === player.player);
    return seat === -1 ? null : seat;
  }

  #seatOf(match: FakeMatch, player: FakePlayer): number {
    const seat = this.#seatIn(match, player);
    if (seat === null) throw new Refused('not_seated');
    return seat;
  }
}

export class FakeSocket {
  player: FakePlayer | undefined;
  /** Followed matches and the last sequence sent. */
  readonly follows = new Map<string, number>();
  /** Every message received, parsed. */
  readonly received: { id: number; method: string; params: Record<string, unknown> }[] = [];
  readonly #server: FakePlayServer;
  readonly #peer: FakePeer;

  constructor(server: FakePlayServer, peer: FakePeer) {
    this.#server = server;
    this.#peer = peer;
  }

  signIn(id: number, token: string): void {
    const player = this.#server.tokens.get(token);
    if (player === undefined) {
      this.closing('token_invalid', 4503, { reconnect: false });
      return;
    }
    this.player = player;
    this.send({ id, result: { ...player, expiresAt: this.#server.expiresAt } });
  }

  receive(text: string): void {
    const { id, method, params } = JSON.parse(text);
    this.received.push({ id, method, params });
    if (method === 'session.open' || method === 'session.refresh') {
      this.signIn(id, params.token);
      return;
    }
    try {
      this.send({ id, result: this.#server.handle(this, method, params) });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.send({ id, error: { code: 1, message: error.data.reason, data: error.data } });
    }
  }

  notify(method: string, params: unknown): void {
    this.send({ method, params });
  }

  send(message: object): void {
    this.#peer.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }

  closing(reason: string, code: number, more: { reconnect: boolean; retryAfterMs?: number }): void {
    this.notify('session.closing', { code, reason, ...more });
    this.gone();
    this.#peer.close(code);
  }

  /** The transport is gone. */
  gone(): void {
    this.#server.sockets.delete(this);
  }
}
