/**
 * Quick match: whoever waits for a game is paired with the next player who does.
 *
 * ```
 *             no match of this command id yet          an opponent waits
 *   looking ────────────────────────────────▶ waiting ──────────────────▶ pairing ──stored──▶ (matched, told)
 *      │                                       │   ▲                         │
 *      └─ the command was matched before:      │   └── the log took nothing ─┘
 *         the same match again                 └─ cancelled, every channel closed ──▶ (gone)
 * ```
 *
 * One player waits once for one game, from however many channels, so that nobody is paired with themself. The
 * queue itself is not kept over a restart: the proxies ask again, and what was matched by then is found in
 * the log by its command id.
 */
import type { GameId, MatchId, Pseudonym } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';
import type { LinkReplies, MatchedNotice } from '../protocol/link-messages.ts';
import { lobbyKey, type OwnershipKey } from '../protocol/ownership.ts';
import { type Refusal, refuse } from '../protocol/refusals.ts';
import type { Cause } from './match/logged-event.ts';
import { seatOf } from './match/match-state.ts';
import type { Matches } from './matches.ts';
import type { Game } from './rules/index.ts';

/** A channel that waits, and how to tell it of its match. Compared by identity. */
export interface LobbyChannel {
  matched(notice: MatchedNotice): void;
}

export type Finding =
  | { readonly kind: 'found'; readonly reply: LinkReplies['lobby.find'] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

interface Place {
  readonly player: Pseudonym;
  phase: 'looking' | 'waiting' | 'pairing';
  readonly channels: Map<LobbyChannel, Cause>;
  /** Resolves when the phase `looking` or `pairing` is over. */
  settled: Promise<unknown>;
}

/** Channels of one player that may wait for one game. */
const channelsMost = limits.commandsInFlight;

export class Lobby {
  readonly #matches: Matches;
  readonly #waitingMost: number;
  readonly #places = new Map<GameId, Map<Pseudonym, Place>>();

  constructor({
    matches,
    waitingMost = limits.lobbyWaiting,
  }: {
    readonly matches: Matches;
    readonly waitingMost?: number;
  }) {
    this.#matches = matches;
    this.#waitingMost = waitingMost;
  }

  /** Lets go of who waits for a game whose lobby may have been elsewhere: their proxies ask its owner again. */
  forgetUnless(kept: (key: OwnershipKey) => boolean): void {
    for (const [game, places] of this.#places) {
      if (kept(lobbyKey(game))) continue;
      for (const [player, { phase }] of places) if (phase === 'waiting') places.delete(player);
    }
  }

  /** Players who wait for any game. */
  get size(): number {
    return [...this.#places.values()].reduce((sum, places) => sum + places.size, 0);
  }

  /** Players who wait for a game. */
  waiting(game: GameId): number {
    return this.#places.get(game)?.size ?? 0;
  }

  /** @throws LogUnavailable */
  async find({
    game: gameId,
    cause,
    channel,
  }: {
    readonly game: GameId;
    readonly cause: Cause;
    readonly channel: LobbyChannel;
  }): Promise<Finding> {
    const game = this.#matches.games.get(gameId);
    if (game === undefined) return refused('game_unknown');
    // Before all else, so that an id that was used never stands in the queue, not even beside one that was
    // not.
    const before = await this.#matchedBefore(cause);
    if (before) return before;
    const places = this.#placesFor(gameId);
    for (let place = places.get(cause.player); place; place = places.get(cause.player)) {
      if (place.phase === 'waiting') return this.#waitToo(place, { cause, channel });
      await place.settled;
    }
    if (places.size >= this.#waitingMost) return refused('lobby_full', { retryAfterMs: 5_000 });
    return await this.#enter(game, { cause, channel });
  }

  /** Takes one channel out of one game's queue. */
  cancel(game: GameId, player: Pseudonym, channel: LobbyChannel): 'cancelled' | 'not_waiting' {
    const place = this.#places.get(game)?.get(player);
    if (place?.phase !== 'waiting' || !place.channels.has(channel)) return 'not_waiting';
    this.#drop(game, place, channel);
    return 'cancelled';
  }

  /** The channel has closed. A match that is being made for it goes on being made. */
  leave(player: Pseudonym, channel: LobbyChannel): void {
    for (const [game, places] of this.#places) {
      const place = places.get(player);
      if (place?.channels.has(channel)) this.#drop(game, place, channel);
    }
  }

  #drop(game: GameId, place: Place, channel: LobbyChannel): void {
    place.channels.delete(channel);
    if (place.channels.size === 0 && place.phase === 'waiting') this.#places.get(game)?.delete(place.player);
  }

  #waitToo(
    place: Place,
    { cause, channel }: { readonly cause: Cause; readonly channel: LobbyChannel },
  ): Finding {
    if (place.channels.size >= channelsMost && !place.channels.has(channel)) return refused('lobby_full');
    place.channels.set(channel, cause);
    return { kind: 'found', reply: { status: 'waiting' } };
  }

  async #enter(
    game: Game,
    { cause, channel }: { readonly cause: Cause; readonly channel: LobbyChannel },
  ): Promise<Finding> {
    const { player } = cause;
    const places = this.#placesFor(game.game);
    const settled = Promise.withResolvers<void>();
    const place: Place = {
      player,
      phase: 'looking',
      channels: new Map([[channel, cause]]),
      settled: settled.promise,
    };
    places.set(player, place);
    try {
      // Again, because the match may have been made while this waited for another search of the same player.
      const before = await this.#matchedBefore(cause);
      if (before) return before;
      return await this.#matches.quota.during(player, async (mayTakeSeat) => {
        if (!mayTakeSeat) return refused('too_many_matches', { rule: 'player.open-matches' });
        // The channel may have closed meanwhile.
        if (place.channels.size === 0) return refused('not_waiting');
        const passedOver = new Set<Place>();
        const next = () => this.#longestWaiting(game.game, passedOver);
        for (let other = next(); other && place.channels.size > 0; other = next()) {
          const match = await this.#pair(game, other, place);
          if (match !== undefined) return { kind: 'found', reply: await this.#matched(match, player) };
          const found = await this.#matchedBefore(cause);
          if (found) return found;
          passedOver.add(other);
        }
        if (place.channels.size === 0) return refused('not_waiting');
        place.phase = 'waiting';
        return { kind: 'found', reply: { status: 'waiting' } };
      });
    } finally {
      if (place.phase !== 'waiting') places.delete(player);
      settled.resolve();
    }
  }

  /** The match that this command led to, if it did. */
  async #matchedBefore(cause: Cause): Promise<Finding | undefined> {
    const before = await this.#matches.log.findCommand(cause.player, cause.command);
    if (before === undefined) return undefined;
    if (before.digest !== cause.digest) return refused('command_conflict', { rule: 'player.command-id' });
    return await this.#matches.with(before.match, (live) => {
      const seat = live && seatOf(live.state, cause.player);
      if (seat === undefined) return refused('command_conflict');
      return { kind: 'found', reply: { status: 'matched', match: before.match, seat } };
    });
  }

  /** A map keeps the order of entry, so the first that waits has waited longest. */
  #longestWaiting(game: GameId, passedOver: ReadonlySet<Place>): Place | undefined {
    for (const place of this.#placesFor(game).values()) {
      if (place.phase === 'waiting' && !passedOver.has(place)) return place;
    }
    return undefined;
  }

  /**
   * Makes the match of two players. Undefined when a command id of one of them turns out to be in use; when
   * it is the waiting one's, their place is given up, so that it cannot stop the queue. Undefined, too, when the
   * quota of the one who waited has filled since: they were promised a match, and stay for when there is room.
   *
   * @throws LogUnavailable; the one who waited goes on waiting
   */
  async #pair(game: Game, waiting: Place, asking: Place): Promise<MatchId | undefined> {
    const settled = Promise.withResolvers<void>();
    waiting.phase = 'pairing';
    waiting.settled = settled.promise;
    let keepsPlace = true;
    try {
      return await this.#matches.quota.during(waiting.player, async (mayTakeSeat) => {
        if (!mayTakeSeat) return undefined;
        const match = await this.#open(game, [waiting, asking]);
        keepsPlace = match === undefined && !(await this.#commandsUsed(waiting));
        if (match !== undefined) await this.#tell(game, { place: waiting, match });
        return match;
      });
    } finally {
      waiting.phase = 'waiting';
      // Whoever lost the last channel meanwhile has gone.
      if (!keepsPlace || waiting.channels.size === 0) this.#placesFor(game.game).delete(waiting.player);
      settled.resolve();
    }
  }

  async #commandsUsed({ player, channels }: Place): Promise<boolean> {
    for (const { command } of channels.values()) {
      if (await this.#matches.log.findCommand(player, command)) return true;
    }
    return false;
  }

  /**
   * Who sits where is drawn by lot. Every command id that waited gets its row, so that each is answered again
   * the same.
   */
  async #open(game: Game, places: readonly Place[]): Promise<MatchId | undefined> {
    const drawn = (this.#matches.random(1)[0] ?? 0) & 1 ? [...places].reverse() : places;
    const seated = drawn.map(({ player, channels }) => ({ player, causes: distinct(channels.values()) }));
    const opening = await this.#matches.open({
      game,
      visibility: 'public',
      entrants: seated.map(({ player, causes: [cause] }) => ({ player, ...(cause && { cause }) })),
      // `created` is event 1, so the entrants' own events are 2 and 3.
      extra: (match) =>
        seated.flatMap(({ causes }, index) =>
          causes.slice(1).map((cause) => ({ match, seq: index + 2, cause })),
        ),
    });
    return opening.kind === 'opened' ? opening.match : undefined;
  }

  async #tell(
    game: Game,
    { place, match }: { readonly place: Place; readonly match: MatchId },
  ): Promise<void> {
    const { seat } = await this.#matched(match, place.player);
    for (const [channel, { command: commandId }] of place.channels) {
      channel.matched({ method: 'lobby.matched', params: { game: game.game, match, seat, commandId } });
    }
  }

  async #matched(
    match: MatchId,
    player: Pseudonym,
  ): Promise<LinkReplies['lobby.find'] & { status: 'matched' }> {
    const seat = await this.#matches.with(match, (live) => live && seatOf(live.state, player));
    if (seat === undefined) throw new Error(`Match ${match} does not hold the player whom it was made for.`);
    return { status: 'matched', match, seat };
  }

  #placesFor(game: GameId): Map<Pseudonym, Place> {
    let places = this.#places.get(game);
    if (places === undefined) {
      places = new Map();
      this.#places.set(game, places);
    }
    return places;
  }
}

/** One cause for each command id. */
function distinct(causes: Iterable<Cause>): Cause[] {
  return [...new Map(Array.from(causes, (cause) => [cause.command, cause])).values()];
}

function refused(
  code: Refusal['code'],
  detail: { readonly rule?: string; readonly retryAfterMs?: number } = {},
): Finding {
  return { kind: 'refused', refusal: refuse(code, detail) };
}
