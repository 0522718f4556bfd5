import type { Trace } from '../../process/traces/tracer.ts';
import type { CommandOrigin } from '../live-match.ts';
import type { Channel } from './channels.ts';

/** One unanswered request. It is the origin that a command carries through its match and back. */
export class RequestTicket implements CommandOrigin {
  readonly connection: object;
  readonly request: number;
  /** Undefined for the proxy's own requests. */
  readonly channel: Channel | undefined;
  readonly trace: Trace | undefined;
  /** Cleared when the request has its answer, or when its channel closes and no answer is wanted any more. */
  open = true;

  constructor({
    connection,
    request,
    channel,
    trace,
  }: {
    readonly connection: object;
    readonly request: number;
    readonly channel: Channel | undefined;
    readonly trace?: Trace | undefined;
  }) {
    this.connection = connection;
    this.request = request;
    this.channel = channel;
    this.trace = trace;
  }
}
