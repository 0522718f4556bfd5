import type { ShownToken } from '../../auth/index.ts';
import type { ClosingCode } from '../../protocol/closings.ts';
import type { MatchId } from '../../protocol/ids.ts';
import type { Notice } from '../../protocol/link-messages.ts';
import { lobbyKey } from '../../protocol/ownership.ts';
import type { ListName } from '../../protocol/player-messages.ts';
import type { RefusalCode } from '../../protocol/refusals.ts';
import type { ClosingDetail, Outbox } from '../fan-out.ts';
import type { Feeds } from '../feeds/feeds.ts';
import type { Backends } from '../link/backends.ts';
import type { Channel, ChannelOwner } from '../link/link.ts';
import { type Opening, shownIn } from '../listener/upgrade-request.ts';
import type { SocketFilter } from '../policy/filters/filters.ts';
import type { Caller } from '../policy/limits/caller.ts';
import type { TurnPass } from '../policy/limits/turn-pass.ts';
import type { Asking } from '../policy/rules.ts';
import type { SignedIn, SocketSession } from '../session.ts';
import type { Ask } from './ask.ts';
import type { FollowedMatch } from './followed-match.ts';
import { notificationText } from './rpc-text.ts';
import { StandingFinds } from './standing-finds.ts';

export interface PlayerSocketOptions {
  readonly caller: Caller;
  readonly filter: SocketFilter;
  readonly outbox: Outbox;
  readonly session: SocketSession;
  readonly feeds: Feeds;
  /** Told when lists of the lobby may have changed. */
  readonly onLobbyChanged: (lists: readonly ListName[]) => void;
  readonly opening: Opening;
}

/** What one connected socket has and owes. Holds state only: the stages in `pipeline.ts` decide. */
export class PlayerSocket implements Asking {
  readonly caller: Caller;
  readonly filter: SocketFilter;
  readonly outbox: Outbox;
  readonly session: SocketSession;
  /** Requests that a backend has not answered. */
  readonly inFlight = new Set<Ask>();
  readonly #feeds: Feeds;
  readonly #onLobbyChanged: PlayerSocketOptions['onLobbyChanged'];
  readonly #opening: Opening;
  /** The socket is told when lists of the lobby change. */
  watchesLobby = false;
  readonly #followed = new Map<MatchId, FollowedMatch>();
  #channel:
    | { readonly backends: Backends; readonly channel: Channel; readonly finds: StandingFinds }
    | undefined;
  #isGone = false;
  #leaving: RefusalCode | undefined;
  #onSettled = () => {};

  constructor(options: PlayerSocketOptions) {
    this.caller = options.caller;
    this.filter = options.filter;
    this.outbox = options.outbox;
    this.session = options.session;
    this.#feeds = options.feeds;
    this.#onLobbyChanged = options.onLobbyChanged;
    this.#opening = options.opening;
  }

  /** A token that came in a message of this socket, with the proof beside it where there is one. */
  shown(params: { readonly token: string; readonly proof?: string | undefined }): ShownToken {
    return shownIn(this.#opening, params);
  }

  /** Bytes that wait for its reader. */
  get waiting(): number {
    return this.outbox.waiting;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** With what everything is refused that is asked now, since the socket is about to close; `undefined` before that. */
  get leaving(): RefusalCode | undefined {
    return this.#leaving;
  }

  get channel(): Channel | undefined {
    return this.#channel?.channel;
  }

  get finds(): StandingFinds | undefined {
    return this.#channel?.finds;
  }

  /** Takes a lane to the backends; false when there are no more. */
  openChannel(backends: Backends, session: SignedIn): boolean {
    const finds = new StandingFinds({
      ask: (game, body, asker) =>
        this.channel === undefined
          ? undefined
          : backends.request({
              about: lobbyKey(game),
              channel: this.channel,
              method: 'lobby.find',
              body,
              asker,
            }),
      matched: (params) => this.outbox.deliver(notificationText('lobby.matched', params)),
    });
    const owner: ChannelOwner = {
      pseudonym: session.pseudonym,
      notice: (notice) => this.#notice(notice, finds),
      reopened: () => {
        finds.repeat();
        this.#watchLobbyAgain(backends);
      },
    };
    const channel = backends.openChannel(owner);
    if (channel === undefined) return false;
    this.#channel = { backends, channel, finds };
    return true;
  }

  // ---- requests

  asked(ask: Ask): void {
    this.inFlight.add(ask);
  }

  settled(ask: Ask): void {
    this.inFlight.delete(ask);
    this.#onSettled();
  }

  get unanswered(): number {
    return this.inFlight.size;
  }

  // ---- follows

  get follows(): number {
    let asked = 0;
    for (const { method } of this.inFlight) {
      if (method === 'match.create' || method === 'match.join' || method === 'match.watch') asked += 1;
    }
    return this.#followed.size + asked;
  }

  /** Holds a seat in a match that it follows. */
  get isSeated(): boolean {
    for (const { seat } of this.#followed.values()) if (seat !== null) return true;
    return false;
  }

  isFollowing(match: MatchId): boolean {
    return this.#followed.has(match);
  }

  turnPass(match: MatchId, seq: number): TurnPass | undefined {
    return this.#followed.get(match)?.turnPass(seq);
  }

  followed(match: MatchId): FollowedMatch | undefined {
    return this.#followed.get(match);
  }

  follow(followed: FollowedMatch): void {
    this.unfollow(followed.match);
    this.#followed.set(followed.match, followed);
  }

  unfollow(match: MatchId): void {
    const followed = this.#followed.get(match);
    if (followed === undefined) return;
    this.#followed.delete(match);
    this.#feeds.leave(followed.feed, followed);
    followed.end();
  }

  // ---- the end

  /** Refuses every request from now on, and calls back after each one that is answered, and when the socket has gone. */
  leave(refusal: RefusalCode, onSettled: () => void): void {
    this.#leaving ??= refusal;
    const before = this.#onSettled;
    this.#onSettled = () => {
      before();
      onSettled();
    };
  }

  close(code: ClosingCode, detail: ClosingDetail = {}): void {
    this.outbox.close(code, detail);
  }

  /** The transport is closing or has gone: nothing is held any more, here or in the backend. */
  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.session.stop();
    this.#channel?.finds.end();
    if (this.#channel !== undefined) this.#channel.backends.closeChannel(this.#channel.channel);
    for (const match of [...this.#followed.keys()]) this.unfollow(match);
    this.inFlight.clear();
    this.#onSettled();
  }

  #notice(notice: Notice, finds: StandingFinds): void {
    if (notice.method === 'lobby.changed') {
      this.#lobbyChanged(notice.params.lists);
    } else {
      finds.done(notice.params.game);
      this.#onLobbyChanged(['open', 'live']);
      this.outbox.deliver(notificationText(notice.method, notice.params));
    }
  }

  /** A backend forgets who watches with the connection, and what changed meanwhile nobody has told. */
  #watchLobbyAgain(backends: Backends): void {
    if (!this.watchesLobby || this.channel === undefined) return;
    backends.request({
      about: 'everyone',
      channel: this.channel,
      method: 'lobby.watch',
      body: '{}',
      asker: { replied() {}, refused() {} },
    });
    this.#lobbyChanged(['mine', 'open', 'live']);
  }

  #lobbyChanged(lists: readonly ListName[]): void {
    this.#onLobbyChanged(lists);
    this.outbox.offer('lobby.changed', notificationText('lobby.changed', { lists }));
  }
}
