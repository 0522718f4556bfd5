import {
  type GameId,
  type InviteCode,
  type MatchId,
  newInviteCode,
  newMatchId,
  type Pseudonym,
  type RandomBytes,
  webRandomBytes,
} from '../protocol/ids.ts';
import type { LinkFollow } from '../protocol/link-messages.ts';
import type { Visibility } from '../protocol/player-messages.ts';
import { type Refusal, refuse } from '../protocol/refusals.ts';
import { type CommandOrigin, LiveMatch, type Obeyed } from './live-match.ts';
import { LobbyNews } from './lobby-news.ts';
import type { ExtraCommand } from './log/append-statements.ts';
import { chainStart, seal } from './log/chain.ts';
import type { MatchLog } from './log/match-log.ts';
import type { MatchCommand } from './match/command.ts';
import type { Cause, Happening } from './match/logged-event.ts';
import { type MatchState, seatOf } from './match/match-state.ts';
import { type Entrant, openMatch } from './match/open-match.ts';
import { audienceFor } from './match/view.ts';
import { type Ownership, soleOwner } from './membership/ownership.ts';
import { Presence } from './presence.ts';
import { RestingMatches } from './resting-matches.ts';
import type { Catalogue, Game } from './rules/index.ts';
import { SeatQuota } from './seat-quota.ts';

export interface MatchesOptions {
  readonly log: MatchLog;
  readonly games: Catalogue;
  readonly presence?: Presence;
  readonly news?: LobbyNews;
  readonly ownership?: Ownership;
  readonly now?: () => number;
  readonly randomBytes?: RandomBytes;
  /** Events, over all matches, that stay in memory when nobody uses their match. Default 100,000. */
  readonly restingEvents?: number;
}

/** By id, or by the invite code that opens a private one. */
export interface MatchReference {
  readonly match?: MatchId | undefined;
  readonly code?: InviteCode | undefined;
}

export type Following =
  | { readonly kind: 'follow'; readonly follow: LinkFollow }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The owner of this match answers. */
  | { readonly kind: 'elsewhere'; readonly match: MatchId };

export type Opening =
  | { readonly kind: 'opened'; readonly match: MatchId }
  /** A command id of one of the entrants is in use. */
  | { readonly kind: 'conflict' };

/** Tries at a fresh match id and invite code; a second one is needed about once in a billion matches. */
const openAttempts = 3;
/** With this many tries, an id of one's own is not found once in a hundred million matches. */
const idAttemptsPerMember = 20;

/**
 * All matches of this backend. A match is loaded from the log when somebody asks for it and forgotten when
 * nobody uses it, so that a sleeping match costs nothing.
 */
export class Matches {
  readonly games: Catalogue;
  readonly presence: Presence;
  readonly log: MatchLog;
  readonly quota: SeatQuota;
  readonly now: () => number;
  readonly #news: LobbyNews;
  readonly #ownership: Ownership;
  readonly #randomBytes: RandomBytes;
  readonly #loaded: RestingMatches;

  constructor({
    log,
    games,
    presence = new Presence(),
    news = new LobbyNews(),
    ownership = soleOwner,
    now = Date.now,
    randomBytes = webRandomBytes,
    restingEvents,
  }: MatchesOptions) {
    this.log = log;
    this.games = games;
    this.presence = presence;
    this.now = now;
    this.#news = news;
    this.#ownership = ownership;
    this.#randomBytes = randomBytes;
    this.quota = new SeatQuota({ countOpenSeats: (player) => log.countOpenSeats(player) });
    this.#loaded = new RestingMatches({
      load: (match) => this.#load(match),
      ...(restingEvents !== undefined && { restingEvents }),
    });
    ownership.onChange(({ kept }) => this.#loaded.forgetUnless(kept));
  }

  /** Matches in memory. */
  get loaded(): number {
    return this.#loaded.size;
  }

  /** Lends a match for as long as `use` takes; undefined for an unknown one. @throws DamagedMatch */
  async with<Result>(
    match: MatchId,
    use: (live: LiveMatch | undefined) => Result | Promise<Result>,
  ): Promise<Result> {
    return await this.#loaded.lend(match, use);
  }

  /** Lends a match until `release` is called, for whoever follows it. @throws DamagedMatch */
  async hold(
    match: MatchId,
  ): Promise<{ readonly live: LiveMatch | undefined; readonly release: () => void }> {
    return await this.#loaded.hold(match);
  }

  /** Hands a command to its match. */
  async obey(match: MatchId, command: MatchCommand, origin?: CommandOrigin): Promise<Obeyed> {
    return await this.with(match, (live) => live?.obey(command, origin) ?? refused('match_unknown'));
  }

  /**
   * Both seats' agreement on another match; `offerRematch` alone takes a seat in a match that is not there
   * yet. It takes one for each player, so that the quota of all is asked: whoever offered first may have filled
   * theirs since.
   */
  async offerRematch(match: MatchId, cause: Cause, origin?: CommandOrigin): Promise<Obeyed> {
    const { player } = cause;
    return await this.with(match, async (live) => {
      if (live === undefined) return refused('match_unknown');
      // Who has no seat here is refused, and must not set aside seats of those who have.
      const isSeated = seatOf(live.state, player) !== undefined;
      const players = isSeated ? live.state.seats.filter((holder) => holder !== null) : [];
      return await this.quota.duringAll(players, (full) => {
        const mayTakeSeat = !full.has(player);
        const othersMayTakeSeat = full.size === (mayTakeSeat ? 0 : 1);
        const next = this.newMatchId();
        return live.obey({ type: 'offerRematch', cause, mayTakeSeat, othersMayTakeSeat, next }, origin);
      });
    });
  }

  async create({
    game: gameId,
    visibility,
    cause,
  }: {
    readonly game: GameId;
    readonly visibility: Visibility;
    readonly cause: Cause;
  }): Promise<Following> {
    const game = this.games.get(gameId);
    if (game === undefined) return refused('game_unknown');
    const { player } = cause;
    const before = await this.#createdBefore(cause);
    if (before) return before;
    return await this.quota.during(player, async (mayTakeSeat) => {
      if (!mayTakeSeat) return refused('too_many_matches');
      const code = newInviteCode(this.#randomBytes);
      const opening = await this.open({ game, visibility, code, entrants: [{ player, cause }] });
      if (opening.kind === 'opened') return await this.look({ match: opening.match }, player);
      return (await this.#createdBefore(cause)) ?? refused('backend_unavailable');
    });
  }

  /** Takes a free seat, or comes back to one's own. */
  async join(reference: MatchReference, cause: Cause): Promise<Following> {
    const found = await this.#find(reference);
    if (found === undefined) return refused('match_unknown');
    const { match, invited } = found;
    if (!this.#ownership.owns(match)) return { kind: 'elsewhere', match };
    const obeyed = await this.quota.during(cause.player, (mayTakeSeat) =>
      this.obey(match, { type: 'join', cause, invited, mayTakeSeat }),
    );
    return obeyed.kind === 'refused' ? obeyed : await this.look(reference, cause.player);
  }

  /** What a player or spectator needs to follow a match. */
  async look(reference: MatchReference, player: Pseudonym): Promise<Following> {
    const found = await this.#find(reference);
    if (found === undefined) return refused('match_unknown');
    if (!this.#ownership.owns(found.match)) return { kind: 'elsewhere', match: found.match };
    return await this.with(found.match, (live) => {
      if (live === undefined) return refused('match_unknown');
      const seat = seatOf(live.state, player) ?? null;
      if (seat === null && live.state.visibility === 'private' && !found.invited)
        return refused('match_unknown');
      return { kind: 'follow', follow: followOf(live, seat) };
    });
  }

  /**
   * Logs the first events of a new match.
   *
   * @throws LogUnavailable
   */
  async open({
    game,
    visibility,
    code,
    entrants,
    extra = () => [],
  }: {
    readonly game: Game;
    readonly visibility: Visibility;
    readonly code?: InviteCode;
    readonly entrants: readonly Entrant[];
    /** Commands that the new match answers besides those of the entrants. */
    readonly extra?: (match: MatchId) => readonly ExtraCommand[];
  }): Promise<Opening> {
    for (let attempt = 1; attempt <= openAttempts; attempt += 1) {
      const match = this.newMatchId();
      const freshCode = attempt === 1 ? code : code && newInviteCode(this.#randomBytes);
      const happenings = openMatch({ game, visibility, code: freshCode, entrants });
      const at = this.now();
      const events = seal(
        chainStart(match),
        happenings.map((happening, index) => ({ seq: index + 1, at, ...happening })),
      );
      const outcome = await this.log.append([{ match, events }], extra(match));
      if (outcome === 'stored') {
        const players = entrants.map(({ player }) => player);
        for (const { type } of happenings) this.#news.happened(type, { visibility, players });
        return { kind: 'opened', match };
      }
      for (const { cause } of entrants) {
        if (cause && (await this.log.findCommand(cause.player, cause.command))) return { kind: 'conflict' };
      }
    }
    return { kind: 'conflict' };
  }

  /** An id of a match that this backend owns, so that whoever asked for it is answered here. */
  newMatchId(): MatchId {
    const { view } = this.#ownership;
    for (let attempt = 1; attempt < idAttemptsPerMember * view.members.length; attempt += 1) {
      const match = newMatchId({ now: this.now(), randomBytes: this.#randomBytes });
      if (this.#ownership.owns(match)) return match;
    }
    // One that owns nothing now: whoever does will find the match in the log.
    return newMatchId({ now: this.now(), randomBytes: this.#randomBytes });
  }

  /** Unpredictable bytes, for whoever shares this backend's source of them. */
  random(length: number): Uint8Array {
    return this.#randomBytes(length);
  }

  async #createdBefore(cause: Cause): Promise<Following | undefined> {
    const before = await this.log.findCommand(cause.player, cause.command);
    if (before === undefined) return undefined;
    if (before.digest !== cause.digest) return refused('command_conflict');
    return await this.look({ match: before.match }, cause.player);
  }

  async #find({
    match,
    code,
  }: MatchReference): Promise<{ readonly match: MatchId; readonly invited: boolean } | undefined> {
    if (code === undefined) return match && { match, invited: false };
    const found = await this.log.findByCode(code);
    if (found === undefined || (match !== undefined && match !== found)) return undefined;
    return { match: found, invited: true };
  }

  async #load(match: MatchId): Promise<LiveMatch | undefined> {
    const stored = await this.log.load(match);
    if (stored === undefined) return undefined;
    const game = this.games.get(stored.state.game);
    if (game === undefined)
      throw new Error(`Match ${match} is of the game ${stored.state.game}, which is not here.`);
    return new LiveMatch(stored, game, {
      log: this.log,
      presence: this.presence,
      news: this.#news,
      now: this.now,
      openNext: (state) => this.#openRematch(state, game),
    });
  }

  /** The same players with the seats turned round. */
  #openRematch(state: MatchState, game: Game): readonly Happening[] {
    const players = state.seats.filter((player) => player !== null).reverse();
    const code = state.visibility === 'private' ? newInviteCode(this.#randomBytes) : undefined;
    const entrants = players.map((player) => ({ player }));
    return openMatch({ game, visibility: state.visibility, code, entrants });
  }
}

function followOf(live: LiveMatch, seat: number | null): LinkFollow {
  const { match, game, code, status, visibility } = live.state;
  const audience = audienceFor(live.game, seat);
  const showCode = seat !== null && code !== undefined && (status === 'waiting' || visibility === 'private');
  return { match, game, seat, audience, ...(showCode && { code }), snapshot: live.snapshot(audience) };
}

function refused(code: Refusal['code']): { readonly kind: 'refused'; readonly refusal: Refusal } {
  const waits = code === 'backend_unavailable' ? { retryAfterMs: 1_000 } : {};
  return { kind: 'refused', refusal: refuse(code, waits) };
}
