import type { Trace } from '../process/traces/tracer.ts';
import type { MatchId, Pseudonym } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';
import type { Audience, LinkEvent, LinkSnapshot } from '../protocol/link-messages.ts';
import type { Seat } from '../protocol/player-messages.ts';
import { type Refusal, refuse } from '../protocol/refusals.ts';
import type { LobbyNews } from './lobby-news.ts';
import type { Continuation } from './log/append-statements.ts';
import { chainStart, seal } from './log/chain.ts';
import { LogUnavailable } from './log/log-unavailable.ts';
import type { MatchLog } from './log/match-log.ts';
import { commandKey, DamagedMatch, obeyedIn, type StoredMatch } from './log/read-match.ts';
import type { MatchCommand } from './match/command.ts';
import { type Decision, decide, type ObeyedCommand } from './match/decide.ts';
import type { Happening, LoggedEvent } from './match/logged-event.ts';
import { apply, type MatchState, seatOf } from './match/match-state.ts';
import { audienceFor, audiencesOf, viewEvent, viewState } from './match/view.ts';
import type { Presence } from './presence.ts';
import type { Game } from './rules/index.ts';
import { SerialQueue } from './serial-queue.ts';

/** One subscription to a match. Both methods are called from within the match and must not throw. */
export interface Follower {
  readonly audience: Audience;
  /**
   * An event was logged. `answers` is the origin of the command that this event answers, so that the follower
   * on whose connection it waits can let the event be the answer.
   */
  deliver(event: LinkEvent, answers: CommandOrigin | undefined): void;
  /** Whose player is here has changed. */
  presence(online: readonly Seat[]): void;
}

/** Where a command came from; opaque here but for its trace. */
export interface CommandOrigin {
  readonly trace?: Trace | undefined;
}

/** What became of a command. */
export type Obeyed =
  | { readonly kind: 'event'; readonly event: LinkEvent }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface MatchSurroundings {
  readonly log: MatchLog;
  readonly presence: Presence;
  readonly news: LobbyNews;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Makes the first events of the match that a rematch agrees on. */
  readonly openNext: (state: MatchState, next: MatchId) => readonly Happening[];
}

/** An event that is about to be logged or was just read, with what comes of it. */
interface Step {
  readonly event: LoggedEvent;
  /** After the event. */
  readonly state: MatchState;
  readonly shown: ReadonlyMap<Audience, LinkEvent>;
}

/** Tries at one command when another owner keeps filling the sequence that it was decided for. */
const attemptsMost = 4;
/** Commands of one match, and of one player in it, that may wait. */
const queueMost = 1_024;
/** Characters of JSON in one event, so that any page of events and any snapshot fits a frame. */
const eventMost = 64 * 1024;
/** Characters of JSON in one page of events. */
const pageMost = 256 * 1024;
/** Characters of JSON in one refusal's missed events; a longer gap is resumed, not told. */
const missedMost = 128 * 1024;

/**
 * A match in memory: its state, its events, who follows it, and the queue in which its commands wait. What it
 * holds can be dropped at any time between commands, since all of it comes back from the log.
 */
export class LiveMatch {
  readonly match: MatchId;
  readonly game: Game;
  readonly #around: MatchSurroundings;
  readonly #queue = new SerialQueue({ most: queueMost, mostOfOne: limits.commandsInFlight });
  readonly #followers = new Set<Follower>();
  readonly #obeyed: Map<string, ObeyedCommand>;
  readonly #events: LoggedEvent[];
  #state: MatchState;
  #chain: string;
  #presenceDue = false;
  #isRetired = false;

  constructor(stored: StoredMatch, game: Game, around: MatchSurroundings) {
    this.match = stored.state.match;
    this.game = game;
    this.#around = around;
    this.#events = [...stored.events];
    this.#obeyed = obeyedIn(stored.events);
    this.#state = stored.state;
    this.#chain = stored.chain;
  }

  get state(): MatchState {
    return this.#state;
  }

  /**
   * Obeys one command at a time: decide, append, and only when that is on disk publish and answer.
   *
   * @throws QueueFull, LogUnavailable, DamagedMatch, and what the rules throw
   */
  obey(command: MatchCommand, origin?: CommandOrigin): Promise<Obeyed> {
    const { player } = command.cause;
    const hasReserve = command.type === 'move' && this.#isTurnOf(player);
    return this.#queue.run(player, () => this.#obeyNow(command, origin), { hasReserve });
  }

  /** Takes no more commands, since somebody else may own the match; resolves when those under way are over. */
  retire(): Promise<void> {
    this.#isRetired = true;
    return this.#queue.idle();
  }

  /**
   * The events after `after` as the audience may see them, or undefined when they are more than one resume
   * gives.
   */
  eventsAfter(
    after: number,
    audience: Audience,
    most: number = limits.resumeEvents,
  ): LinkEvent[] | undefined {
    if (this.#state.seq - after > most) return undefined;
    return this.#shown(after, this.#state.seq, audience);
  }

  /** At most `limit` events after `after`, and fewer when they are large. */
  page(after: number, limit: number, audience: Audience): LinkEvent[] {
    const events: LinkEvent[] = [];
    let size = 0;
    for (const event of this.#shown(after, Math.min(after + limit, this.#state.seq), audience)) {
      size += JSON.stringify(event).length;
      if (size > pageMost && events.length > 0) break;
      events.push(event);
    }
    return events;
  }

  snapshot(audience: Audience): LinkSnapshot {
    return viewState(this.#state, { game: this.game, audience });
  }

  /** Seats whose player is here. */
  online(): Seat[] {
    return this.#state.seats.flatMap((player, seat) =>
      player !== null && this.#around.presence.isOnline(player) ? [seat] : [],
    );
  }

  follow(follower: Follower): void {
    if (this.#followers.size === 0) this.#watchPlayers();
    this.#followers.add(follower);
  }

  unfollow(follower: Follower): void {
    if (this.#followers.delete(follower) && this.#followers.size === 0) this.#unwatchPlayers();
  }

  #isTurnOf(player: Pseudonym): boolean {
    const { turn, seats } = this.#state;
    return turn !== null && seats[turn] === player;
  }

  async #obeyNow(command: MatchCommand, origin: CommandOrigin | undefined): Promise<Obeyed> {
    const { cause } = command;
    if (this.#isRetired) throw new LogUnavailable('fenced');
    origin?.trace?.stage('rules');
    for (let attempt = 1; attempt <= attemptsMost; attempt += 1) {
      const decision = decide(this.#state, command, {
        game: this.game,
        obeyed: (player, id) => this.#obeyed.get(commandKey({ player, command: id })),
      });
      if (decision.kind === 'refused')
        return { kind: 'refused', refusal: this.#withMissed(decision, cause.player) };
      if (decision.kind === 'nothing') return decision;
      if (decision.kind === 'happened') return this.#answerFor(decision.seq, cause.player);

      const outcome = await this.#append(decision, origin);
      if (outcome !== undefined) return this.#answerFor(outcome, cause.player);

      // Another owner of this match, or another match, has written. The log is right; learn from it and
      // decide again.
      const found = await this.#around.log.findCommand(cause.player, cause.command);
      await this.#catchUp();
      if (found === undefined) continue;
      return found.match === this.match && found.digest === cause.digest
        ? this.#answerFor(found.seq, cause.player)
        : { kind: 'refused', refusal: refuse('command_conflict', { rule: 'player.command-id' }) };
    }
    return { kind: 'refused', refusal: refuse('backend_unavailable', { retryAfterMs: 1_000 }) };
  }

  /** Gives the sequence of the first new event, or undefined on a conflict. */
  async #append(
    { happenings, next }: Decision & { kind: 'happens' },
    origin: CommandOrigin | undefined,
  ): Promise<number | undefined> {
    const { match } = this;
    const at = Math.max(this.#around.now(), this.#state.at);
    const first = this.#state.seq + 1;
    const events = dated(happenings, { first, at });
    // All that rules could fail at comes before the append: after it there must be no way back.
    const steps = this.#foresee(events);
    const sealed = seal(this.#chain, events);
    const large = sealed.find(({ body }) => body.length > eventMost);
    if (large)
      throw new RangeError(
        `The rules of ${this.game.game} made an event of ${large.body.length} characters.`,
      );
    const continuations: Continuation[] = [{ match, events: sealed }];
    const opening =
      next === undefined ? [] : dated(this.#around.openNext(this.#state, next), { first: 1, at });
    if (next !== undefined) {
      continuations.push({ match: next, events: seal(chainStart(next), opening) });
    }
    origin?.trace?.stage('commit');
    if ((await this.#around.log.append(continuations)) === 'conflict') return undefined;
    origin?.trace?.stage('answer');
    this.#chain = sealed.at(-1)?.chain ?? this.#chain;
    for (const [index, step] of steps.entries()) this.#advance(step, index === 0 ? origin : undefined);
    const { visibility, seats: players } = this.#state;
    for (const { type } of opening) this.#around.news.happened(type, { visibility, players });
    return first;
  }

  #foresee(events: readonly LoggedEvent[]): Step[] {
    let state = this.#state;
    return events.map((event) => {
      state = apply(state, event, this.match);
      const shown = audiencesOf(this.game).map(
        (audience) => [audience, viewEvent(state, event, { game: this.game, audience })] as const,
      );
      return { event, state, shown: new Map(shown) };
    });
  }

  #advance({ event, state, shown }: Step, origin: CommandOrigin | undefined): void {
    this.#state = state;
    this.#events.push(event);
    for (const [key, obeyed] of obeyedIn([event])) this.#obeyed.set(key, obeyed);
    for (const follower of this.#followers) {
      const view = shown.get(follower.audience);
      if (view !== undefined) follower.deliver(view, origin);
    }
    this.#around.news.happened(event.type, { visibility: state.visibility, players: state.seats });
    if (event.type === 'joined' && this.#followers.size > 0) {
      this.#around.presence.watch(event.player, this.#presenceChanged);
      this.#presenceChanged();
    }
  }

  /** Takes over what somebody else has written. */
  async #catchUp(): Promise<void> {
    const stored = await this.#around.log.load(this.match);
    if (stored === undefined || stored.state.seq < this.#state.seq) {
      throw new DamagedMatch(this.match, this.#state.seq, 'events that were there have gone');
    }
    const steps = this.#foresee(stored.events.slice(this.#state.seq));
    this.#chain = stored.chain;
    for (const step of steps) this.#advance(step, undefined);
  }

  #answerFor(seq: number, player: Pseudonym): Obeyed {
    const event = this.#events[seq - 1];
    if (event === undefined)
      throw new DamagedMatch(this.match, seq, 'an answer refers to it and it is not there');
    const audience = audienceFor(this.game, seatOf(this.#state, player) ?? null);
    return { kind: 'event', event: viewEvent(this.#state, event, { game: this.game, audience }) };
  }

  #withMissed({ refusal, missedFrom }: Decision & { kind: 'refused' }, player: Pseudonym): Refusal {
    if (missedFrom === undefined) return refusal;
    const audience = audienceFor(this.game, seatOf(this.#state, player) ?? null);
    const missed = this.eventsAfter(missedFrom - 1, audience);
    if (missed === undefined || JSON.stringify(missed).length > missedMost) return refusal;
    return { ...refusal, missed };
  }

  #shown(after: number, until: number, audience: Audience): LinkEvent[] {
    return this.#events
      .slice(after, Math.max(after, until))
      .map((event) => viewEvent(this.#state, event, { game: this.game, audience }));
  }

  #watchPlayers(): void {
    for (const player of this.#state.seats) {
      if (player !== null) this.#around.presence.watch(player, this.#presenceChanged);
    }
  }

  #unwatchPlayers(): void {
    for (const player of this.#state.seats) {
      if (player !== null) this.#around.presence.unwatch(player, this.#presenceChanged);
    }
  }

  /**
   * Told once for all that one turn of the event loop brings: a page that reloads closes and opens a channel.
   */
  readonly #presenceChanged = (): void => {
    if (this.#presenceDue) return;
    this.#presenceDue = true;
    setImmediate(() => {
      this.#presenceDue = false;
      const online = this.online();
      for (const follower of this.#followers) follower.presence(online);
    });
  };
}

function dated(
  happenings: readonly Happening[],
  { first, at }: { first: number; at: number },
): LoggedEvent[] {
  return happenings.map((happening, index) => ({ seq: first + index, at, ...happening }));
}
