import { type FrameHeader, frameTypes } from '../../protocol/frame.ts';
import type { Pseudonym } from '../../protocol/ids.ts';
import type { Notice } from '../../protocol/link-messages.ts';
import type { Lobby, LobbyChannel } from '../lobby.ts';
import type { LobbyNews, NewsChannel } from '../lobby-news.ts';
import type { Presence } from '../presence.ts';
import { LinkViolation } from './link-violation.ts';
import type { RequestTicket } from './request-ticket.ts';

/** One signed-in socket, as the link knows it. */
export interface Channel extends LobbyChannel, NewsChannel {
  readonly number: number;
  readonly player: Pseudonym;
  /** Its unanswered requests. */
  readonly tickets: Set<RequestTicket>;
}

/** The channels of one connection. An open one makes its player present; a closed one leaves the lobby. */
export class Channels {
  readonly #open = new Map<number, Channel>();
  readonly #presence: Presence;
  readonly #lobby: Lobby;
  readonly #news: LobbyNews;
  readonly #send: (header: FrameHeader, payload: string) => void;
  readonly #most: number;

  constructor({
    presence,
    lobby,
    news,
    send,
    most,
  }: {
    readonly presence: Presence;
    readonly lobby: Lobby;
    readonly news: LobbyNews;
    readonly send: (header: FrameHeader, payload: string) => void;
    readonly most: number;
  }) {
    this.#presence = presence;
    this.#lobby = lobby;
    this.#news = news;
    this.#send = send;
    this.#most = most;
  }

  get(number: number): Channel | undefined {
    return this.#open.get(number);
  }

  /** @throws LinkViolation */
  open(number: number, player: Pseudonym): void {
    if (number === 0 || this.#open.has(number))
      throw new LinkViolation(`Channel ${number} cannot be opened.`);
    if (this.#open.size >= this.#most)
      throw new LinkViolation(`More than ${this.#most} channels were opened.`);
    const channel: Channel = {
      number,
      player,
      tickets: new Set(),
      matched: (notice) => this.#notice(channel, notice),
      changed: (notice) => this.#notice(channel, notice),
    };
    this.#open.set(number, channel);
    this.#presence.opened(player);
  }

  /** @throws LinkViolation */
  close(number: number): Channel {
    const channel = this.#open.get(number);
    if (channel === undefined) throw new LinkViolation(`Channel ${number} is not open.`);
    this.#open.delete(number);
    this.#lobby.leave(channel.player, channel);
    this.#news.unwatch(channel);
    this.#presence.closed(channel.player);
    return channel;
  }

  closeAll(): void {
    for (const number of [...this.#open.keys()]) this.close(number);
  }

  #notice(channel: Channel, notice: Notice): void {
    if (this.#open.get(channel.number) !== channel) return;
    const header = { type: frameTypes.notice, flags: 0, channel: channel.number, tag: 0 };
    this.#send(header, JSON.stringify(notice));
  }
}
