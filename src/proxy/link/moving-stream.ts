import type { MatchId } from '../../protocol/ids.ts';
import type { Audience, Presence, Subscribed } from '../../protocol/link-messages.ts';
import type { Asker, Link, StreamOwner, Subscription } from './link.ts';
import { RoutedAsk } from './routed-ask.ts';

/**
 * A stream that follows its match from backend to backend. Each new one is asked for what comes after the last event
 * that is here, so nothing is missed and nothing comes twice.
 */
export class MovingStream implements StreamOwner {
  readonly #owner: StreamOwner;
  readonly #onMoved: (stream: MovingStream) => void;
  #home: { readonly link: Link; readonly subscription: Subscription } | undefined;

  constructor(owner: StreamOwner, onMoved: (stream: MovingStream) => void) {
    this.#owner = owner;
    this.#onMoved = onMoved;
  }

  get match(): MatchId {
    return this.#owner.match;
  }

  get audience(): Audience {
    return this.#owner.audience;
  }

  /** Takes the stream from this link from now on. False when the link carries no more. */
  settle(link: Link): boolean {
    if (this.#home?.link === link) return true;
    this.end();
    const subscription = link.subscribe(this);
    this.#home = subscription && { link, subscription };
    return subscription !== undefined;
  }

  end(): void {
    this.#home?.link.unsubscribe(this.#home.subscription);
    this.#home = undefined;
  }

  after(): number {
    return this.#owner.after();
  }

  event(
    seq: number,
    payload: Uint8Array,
    { namesPlayers, asker }: { namesPlayers: boolean; asker: Asker | undefined },
  ): void {
    // An event that answers a request is that request's end; the stream knows it by whoever asked first.
    if (asker instanceof RoutedAsk) asker.forget();
    const first = asker instanceof RoutedAsk ? asker.request.asker : asker;
    this.#owner.event(seq, payload, { namesPlayers, asker: first });
  }

  subscribed(message: Subscribed): void {
    if (message.moved !== true) {
      this.#owner.subscribed(message);
      return;
    }
    this.end();
    this.#onMoved(this);
  }

  presence(message: Presence): void {
    this.#owner.presence(message);
  }
}
