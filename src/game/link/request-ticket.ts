import type { Channel } from './channels.ts';

/** One unanswered request. It is the origin that a command carries through its match and back. */
export class RequestTicket {
  readonly connection: object;
  readonly request: number;
  /** Undefined for the proxy's own requests. */
  readonly channel: Channel | undefined;
  /** Cleared when the request has its answer, or when its channel closes and no answer is wanted any more. */
  open = true;

  constructor({
    connection,
    request,
    channel,
  }: {
    readonly connection: object;
    readonly request: number;
    readonly channel: Channel | undefined;
  }) {
    this.connection = connection;
    this.request = request;
    this.channel = channel;
  }
}
