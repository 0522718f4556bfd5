/** One request and its answer inside the proxy, part by part: what the upstream side, the cache and the client side agree on. */
import type { Fields } from './fields.ts';
import type { UpstreamFault } from './upstream-fault.ts';

export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
}

/** Holds up what sends, and lets it go on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

/** Hears an answer: `head`, then `data` any number of times, then `end`; `failed` in place of whatever would have followed. */
export interface Receiver {
  head(head: ResponseHead, flow: Flow): void;
  data(chunk: Buffer): void;
  end(trailers: Fields): void;
  failed(fault: UpstreamFault): void;
}

/** The client's side of an exchange. It says itself when it cannot take more, by the flow that came with the head. */
export interface Answer extends Receiver {
  /** A complete answer in place of a flowing one. */
  whole(head: ResponseHead, body: Buffer | undefined): void;
  /** Calls back once if the client leaves before it has its answer; each call replaces the one before. */
  whenGone(callback: () => void): void;
}

/**
 * Asks the upstream, with these fields in place of the request's own. Gives the way to stop: whoever stops hears nothing more.
 */
export type Fetch = (fields: Fields, receiver: Receiver) => () => void;
