import { limits } from '../protocol/limits.ts';
import type {
  Follow,
  MatchEvent,
  Method,
  NotificationParams,
  ParamsOf,
  ResultOf,
  Seat,
} from '../protocol/player-messages.ts';
import { Cell, type ReadonlyCell } from './cell.ts';
import { ClientError, isRefusal } from './client-error.ts';
import { Journal, type ReadonlyJournal } from './journal.ts';
import { applyEvent, changesPosition, type MatchState, startFrom } from './match-state.ts';
import type { RequestOptions } from './request-queue.ts';
import { isMatchEvent } from './server-message.ts';

/** What happened to a match, with the state after it. `snapshot` starts the story, or starts it anew after a gap. */
export type MatchUpdate =
  | { readonly kind: 'snapshot'; readonly state: MatchState }
  | { readonly kind: 'event'; readonly event: MatchEvent; readonly state: MatchState };

/**
 * ```
 *   current ◀──resumed── resuming          left: you stopped following
 *      └──socket lost, or a gap──▲  └──refused──▶ lost: the server no longer lets you follow
 * ```
 */
export type MatchStanding =
  | { readonly phase: 'current' }
  | { readonly phase: 'resuming' }
  | { readonly phase: 'left' }
  | { readonly phase: 'lost'; readonly error: ClientError };

export interface MatchPresence {
  /** Seats whose player is connected; undefined until the server has said. */
  readonly online: readonly Seat[] | undefined;
  readonly service: 'up' | 'away';
}

export interface CommandOptions {
  /** Give the id of an earlier try to learn what became of it; by default every call is a new command. */
  readonly commandId?: string;
  /** Milliseconds until the call fails with `timed_out`, reconnects included. */
  readonly patienceMs?: number;
}

/** What a match needs of its connection. */
export interface MatchPort {
  request<M extends Method>(method: M, params: ParamsOf<M>, options?: RequestOptions): Promise<ResultOf<M>>;
  newCommandId(): string;
  /** The match is no longer followed. */
  dropped(match: string): void;
}

/** How the match is followed, so that a resume can ask the same way. */
export type Following = { readonly as: 'player' } | { readonly as: 'spectator'; readonly code?: string };

/** Moves that met only a draw offer on their way are sent again this many times. */
const staleRetries = 3;

/**
 * One match that this connection follows. Its events are given once each, in order, over any number of reconnects; it
 * knows no game. Made by the connection's `createMatch`, `joinMatch`, `findMatch` and `watchMatch`.
 */
export class Match {
  readonly id: string;
  readonly game: string;
  /** Your seat, or null for a spectator. */
  readonly seat: Seat | null;
  /** The invite code, for those who may know it. */
  readonly code: string | undefined;

  readonly #port: MatchPort;
  readonly #following: Following;
  readonly #updates = new Journal<MatchUpdate>();
  readonly #standing = new Cell<MatchStanding>({ phase: 'current' });
  readonly #presence = new Cell<MatchPresence>({ online: undefined, service: 'up' });
  /** Events that came before the ones that they follow; bounded by `limits.resumeEvents`. */
  readonly #ahead = new Map<number, MatchEvent>();
  #state: MatchState;

  /** @throws ClientError `protocol` when the answer holds neither a snapshot nor the events from the first one on. */
  constructor(port: MatchPort, follow: Follow, following: Following) {
    this.#port = port;
    this.#following = following;
    this.id = follow.match;
    this.game = follow.game;
    this.seat = follow.seat;
    this.code = follow.code ?? (following.as === 'spectator' ? following.code : undefined);
    const first = follow.snapshot ? startFrom(follow.snapshot) : this.#startWith(follow.events ?? []);
    if (first === undefined)
      throw new ClientError('protocol', 'The server sent a match without its beginning.');
    this.#state = first;
    if (follow.snapshot) this.#updates.append({ kind: 'snapshot', state: first });
  }

  /** The latest state. */
  get state(): MatchState {
    return this.#state;
  }

  /** Everything that happened since the match is followed here; iterate it, or subscribe. */
  get updates(): ReadonlyJournal<MatchUpdate> {
    return this.#updates;
  }

  get standing(): ReadonlyCell<MatchStanding> {
    return this.#standing;
  }

  get presence(): ReadonlyCell<MatchPresence> {
    return this.#presence;
  }

  /**
   * Plays a move in the game's own form, for the present position. The answer is the logged event.
   *
   * @throws ClientError `refused` (`not_your_turn`, `move_occupied`, `stale_sequence`, …), `timed_out`, `closed`
   */
  async move(move: unknown, options: CommandOptions = {}): Promise<MatchEvent> {
    let commandId = options.commandId ?? this.#port.newCommandId();
    for (let attempt = 0; ; attempt++) {
      const position = this.#positionSeq;
      try {
        const seq = this.#state.seq + 1;
        return await this.#command('match.move', { match: this.id, seq, commandId, move }, options);
      } catch (error) {
        // A draw offer on its way here makes the sequence stale, but not the move. The refused command was not logged,
        // and its body changes with the sequence, so the next try is another command.
        const stillMeant = isRefusal(error, 'stale_sequence') && position === this.#positionSeq;
        if (!stillMeant || attempt === staleRetries) throw error;
        commandId = this.#port.newCommandId();
      }
    }
  }

  resign(options: CommandOptions = {}): Promise<MatchEvent> {
    return this.#command('match.resign', this.#plain(options), options);
  }

  offerDraw(options: CommandOptions = {}): Promise<MatchEvent> {
    return this.#command('match.offerDraw', this.#plain(options), options);
  }

  answerDraw(accept: boolean, options: CommandOptions = {}): Promise<MatchEvent> {
    return this.#command('match.answerDraw', { ...this.#plain(options), accept }, options);
  }

  /** When both have offered, `state.next` names the new match. */
  offerRematch(options: CommandOptions = {}): Promise<MatchEvent> {
    return this.#command('match.offerRematch', this.#plain(options), options);
  }

  /**
   * Stops following. A seat in a match that is being played is kept; a match that has not begun and holds nobody
   * else is cancelled.
   */
  async leave(options: CommandOptions = {}): Promise<void> {
    this.#end({ phase: 'left' });
    const { patienceMs } = options;
    const request = patienceMs === undefined ? {} : { patienceMs };
    if (this.#following.as === 'player')
      await this.#port.request('match.leave', this.#plain(options), request);
    else await this.#port.request('match.unwatch', { match: this.id }, request);
  }

  /** For the connection: the socket is gone. */
  interrupted(): void {
    if (this.#isFollowed) this.#standing.set({ phase: 'resuming' });
  }

  /** For the connection: no socket comes any more. */
  ended(): void {
    this.#end({ phase: 'left' });
  }

  /** For the connection: a socket is signed in. Asks for what was missed. */
  resume(from: 'last event' | 'snapshot' = 'last event'): void {
    if (!this.#isFollowed) return;
    this.#standing.set({ phase: 'resuming' });
    const options: RequestOptions = {
      lane: 'resume',
      oneSocket: true,
      onResult: (result) => this.take(result as Follow),
    };
    const after = from === 'last event' ? { after: this.#state.seq } : {};
    this.#askToFollow(after, options).catch((error: unknown) => {
      // The log is shorter than what was seen here (an older copy was restored): only a snapshot can help.
      if (isRefusal(error, 'sequence_ahead') && from !== 'snapshot') this.resume('snapshot');
      else if (error instanceof ClientError && error.code === 'refused') this.#end({ phase: 'lost', error });
    });
  }

  /** For the connection: the answer to a resume, or to following the same match again. */
  take(follow: Follow): void {
    const { snapshot, events = [] } = follow;
    if (snapshot && snapshot.seq !== this.#state.seq) {
      this.#state = startFrom(snapshot, this.#state);
      // What the snapshot skips is not known, so a move meant for the board before it is not meant for this one.
      this.#positionSeq = snapshot.seq;
      this.#updates.append({ kind: 'snapshot', state: this.#state });
    }
    if (this.#isFollowed) this.#standing.set({ phase: 'current' });
    for (const event of events) this.receive(event);
    this.#takeAhead();
  }

  /** For the connection: an event from whatever source. Each sequence counts once; a gap asks for a resume. */
  receive(event: unknown): void {
    if (!isMatchEvent(event) || event.match !== this.id || event.seq <= this.#state.seq) return;
    if (event.seq === this.#state.seq + 1) {
      this.#append(event);
      this.#takeAhead();
      return;
    }
    if (this.#ahead.size < limits.resumeEvents) this.#ahead.set(event.seq, event);
    if (this.#standing.value.phase === 'current') this.resume();
  }

  /** For the connection. */
  presenceChanged({ online, service }: NotificationParams<'match.presence'>): void {
    this.#presence.set({ online, service });
  }

  get #isFollowed(): boolean {
    const { phase } = this.#standing.value;
    return phase === 'current' || phase === 'resuming';
  }

  /** The sequence that last changed what a move means. */
  #positionSeq = 0;

  #append(event: MatchEvent): void {
    const state = applyEvent(this.#state, event);
    if (state === undefined) return;
    this.#state = state;
    if (changesPosition(event)) this.#positionSeq = event.seq;
    this.#updates.append({ kind: 'event', event, state });
  }

  #takeAhead(): void {
    for (const seq of this.#ahead.keys()) if (seq <= this.#state.seq) this.#ahead.delete(seq);
    for (
      let event = this.#ahead.get(this.#state.seq + 1);
      event;
      event = this.#ahead.get(this.#state.seq + 1)
    ) {
      this.#ahead.delete(event.seq);
      this.#append(event);
    }
  }

  #startWith(events: readonly MatchEvent[]): MatchState | undefined {
    let state: MatchState | undefined;
    for (const event of events) {
      state = applyEvent(state, event);
      if (state === undefined) return undefined;
      this.#updates.append({ kind: 'event', event, state });
    }
    return state;
  }

  #askToFollow(since: { readonly after?: number }, options: RequestOptions): Promise<Follow> {
    if (this.#following.as === 'player') {
      const params = { match: this.id, ...since, commandId: this.#port.newCommandId() };
      return this.#port.request('match.join', params, options);
    }
    const { code } = this.#following;
    const which = code === undefined ? { match: this.id } : { code };
    return this.#port.request('match.watch', { ...which, ...since }, options);
  }

  #plain(options: CommandOptions): { match: string; commandId: string } {
    return { match: this.id, commandId: options.commandId ?? this.#port.newCommandId() };
  }

  #command<
    M extends 'match.move' | 'match.resign' | 'match.offerDraw' | 'match.answerDraw' | 'match.offerRematch',
  >(method: M, params: ParamsOf<M>, { patienceMs }: CommandOptions): Promise<ResultOf<M>> {
    return this.#port.request(method, params, {
      ...(patienceMs !== undefined && { patienceMs }),
      // The mover does not get its own event as a notification: the answer takes its place in the order.
      onResult: (event) => this.receive(event),
      onRefusal: ({ missed = [] }) => {
        for (const event of missed) this.receive(event);
      },
    });
  }

  #end(standing: MatchStanding): void {
    if (!this.#isFollowed) return;
    this.#standing.set(standing);
    this.#standing.end();
    this.#updates.end();
    this.#presence.end();
    this.#port.dropped(this.id);
  }
}
