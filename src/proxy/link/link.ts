/** What the stages after routing know of the link: lanes, requests and streams. `LinkClient` is the real one. */

import type { MatchId, Pseudonym } from '../../protocol/ids.ts';
import type {
  Audience,
  Elsewhere,
  Hello,
  LinkMethod,
  Notice,
  Presence,
  Subscribed,
} from '../../protocol/link-messages.ts';
import type { Refusal } from '../../protocol/refusals.ts';

/** One signed-in socket's lane. Notices come to `notice`; `reopened` follows each new connection. */
export interface ChannelOwner {
  readonly pseudonym: Pseudonym;
  notice(notice: Notice): void;
  /** A new connection carries this channel: what only lived in the backend's memory must be asked again. */
  reopened(): void;
}

export interface Channel {
  readonly number: number;
  readonly owner: ChannelOwner;
}

/** JSON text of a reply or an event, and whether it names players by pseudonym. */
export interface LinkJson {
  readonly text: string;
  readonly namesPlayers: boolean;
}

/** Asked something of a backend; exactly one of the two is called, once, unless an event carries the answer. */
export interface Asker {
  replied(reply: LinkJson): void;
  refused(refusal: Refusal, namesPlayers: boolean): void;
}

/** Whoever asks one backend: it may say that another answers. */
export interface BackendAsker extends Asker {
  elsewhere(detail: Elsewhere): void;
}

export interface LinkRequest {
  /** `undefined` for requests of the proxy itself, on channel 0. */
  readonly channel: Channel | undefined;
  readonly method: LinkMethod;
  /** Parameters, JSON. */
  readonly body: string;
  readonly asker: BackendAsker;
  /** The move of the seat whose turn it is: room is kept for it. */
  readonly isUrgent?: boolean;
  /** Of the trace that the backend goes on with, where the request is traced. */
  readonly traceparent?: string | undefined;
}

/** One stream of events. */
export interface StreamOwner {
  readonly match: MatchId;
  readonly audience: Audience;
  /** The last sequence that is here; asked at each renewal. */
  after(): number;
  /** `payload` is a view: copy what is kept. `asker` is set when the event answers that asker's request. */
  event(seq: number, payload: Uint8Array, detail: { namesPlayers: boolean; asker: Asker | undefined }): void;
  subscribed(message: Subscribed): void;
  presence(message: Presence): void;
}

export interface Subscription {
  readonly number: number;
  readonly owner: StreamOwner;
}

export type LinkState = 'up' | 'away' | 'closed';

export interface LinkObserver {
  up(hello: Hello): void;
  away(): void;
}

export interface Link {
  readonly state: LinkState;
  /** What the backend said at the last hello. */
  readonly games: NonNullable<Hello['games']>;
  /** True while more than 4 MiB wait to be written: read no more from players until `whenDrained`. */
  readonly congested: boolean;
  whenDrained(callback: () => void): void;
  observe(observer: LinkObserver): void;
  /** Gives `undefined` at the largest number of channels. */
  openChannel(owner: ChannelOwner): Channel | undefined;
  /** Unanswered requests of the channel are forgotten; their askers are not called. */
  closeChannel(channel: Channel): void;
  /** Sends, or keeps until the link is back. Gives a refusal, and forgets the request, when too many wait. */
  request(request: LinkRequest): Refusal | undefined;
  subscribe(owner: StreamOwner): Subscription | undefined;
  unsubscribe(subscription: Subscription): void;
}
