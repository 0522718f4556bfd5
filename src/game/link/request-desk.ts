import { traceparentLength } from '../../process/traces/trace-parent.ts';
import type { Trace } from '../../process/traces/tracer.ts';
import { type Frame, FrameError, type FrameHeader, frameFlags, frameTypes } from '../../protocol/frame.ts';
import type { Elsewhere, LinkMethod } from '../../protocol/link-messages.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import { LogUnavailable } from '../log/log-unavailable.ts';
import { refusalForError } from '../refusal-for-error.ts';
import type { AnswerLane } from './answer-lane.ts';
import type { Channel } from './channels.ts';
import { namesPlayers } from './event-payload.ts';
import type { LinkLimits } from './link-limits.ts';
import { asRequest, type LinkRequest, methodOf } from './link-schemas.ts';
import { LinkViolation } from './link-violation.ts';
import { readJson } from './payload.ts';
import { RequestTicket } from './request-ticket.ts';
import { type Answer, answerProxy, answerRequest, isProxyRequest, type RequestServices } from './requests.ts';

export interface RequestDeskOptions {
  readonly services: RequestServices;
  readonly connection: object;
  readonly limits: Pick<LinkLimits, 'inFlight' | 'requestBytes'>;
  readonly lane: AnswerLane;
  readonly send: (header: FrameHeader, payload: string) => void;
  /** A request failed by a fault of this program or its disk. */
  readonly failed: (error: unknown, method: string) => void;
  /** A request is off the desk. */
  readonly freed: () => void;
}

/**
 * The requests of one connection: takes each, and sees to it that it is answered once, if anybody still wants
 * the answer.
 */
export class RequestDesk {
  readonly #options: RequestDeskOptions;
  /** Requests whose answer somebody wants, by number. */
  readonly #tickets = new Map<number, RequestTicket>();
  #working = 0;
  /** What the trace frame said that came last. */
  #announced: { readonly tag: number; readonly traceparent: string } | undefined;

  constructor(options: RequestDeskOptions) {
    this.#options = options;
  }

  /** Requests whose answer is due. */
  get due(): number {
    return this.#tickets.size;
  }

  /**
   * Requests at work, those included whose channel has closed: to open and close channels gains nobody
   * anything.
   */
  get working(): number {
    return this.#working;
  }

  /** The request of this number, if it comes next, is part of a trace. */
  trace({ tag, payload }: Frame): void {
    if (this.#options.services.tracer === undefined || payload.length !== traceparentLength) return;
    this.#announced = { tag, traceparent: Buffer.from(payload).toString('latin1') };
  }

  /** @throws LinkViolation */
  take({ tag, flags, channel: number, payload }: Frame, channel: Channel | undefined): void {
    const { limits, connection, services } = this.#options;
    const method = methodOf(flags);
    if (tag === 0 || this.#tickets.has(tag)) throw new LinkViolation(`Request number ${tag} is in use.`);
    if (this.#tickets.size >= limits.inFlight) throw new LinkViolation('Too many requests are unanswered.');
    if (payload.length > limits.requestBytes) throw new LinkViolation('A request is too large.');
    if (channel === undefined && !(number === 0 && (method === 'match.events' || method === 'match.list'))) {
      throw new LinkViolation(`A request came on channel ${number}, which is not open.`);
    }
    const params = readJson(payload);
    const trace = this.#traceOf(tag, method);
    const ticket = new RequestTicket({ connection, request: tag, channel, trace });
    this.#tickets.set(tag, ticket);
    channel?.tickets.add(ticket);

    // What a player could have caused is refused to that player; it must not end everybody's connection.
    const request = method && asRequest(method, params);
    if (request === undefined) {
      this.#answer(ticket, refusal(method === undefined ? 'method_unknown' : 'params_invalid'));
    } else if (channel !== undefined) {
      this.#work(ticket, request, () => answerRequest(request, { asker: channel, ticket, services }));
    } else if (isProxyRequest(request)) {
      this.#work(ticket, request, () => answerProxy(request, services));
    }
  }

  /** The request has its answer, or needs none any more. */
  settle(ticket: RequestTicket): void {
    ticket.open = false;
    ticket.trace?.end();
    ticket.channel?.tickets.delete(ticket);
    if (this.#tickets.get(ticket.request) === ticket) this.#tickets.delete(ticket.request);
    this.#options.freed();
  }

  /** Nobody wants the answers any more. */
  closeAll(): void {
    for (const ticket of [...this.#tickets.values()]) this.settle(ticket);
  }

  #traceOf(tag: number, method: LinkMethod | undefined): Trace | undefined {
    const announced = this.#announced;
    if (announced === undefined) return undefined;
    this.#announced = undefined;
    if (announced.tag !== tag) return undefined;
    const trace = this.#options.services.tracer?.resume(announced.traceparent, 'queue');
    if (method !== undefined) trace?.name(method);
    return trace;
  }

  #work(ticket: RequestTicket, { method }: LinkRequest, work: () => Promise<Answer>): void {
    this.#working += 1;
    // An answer that is only read, and that nobody wants any more, need not be made.
    const read = async () => (ticket.open ? await work() : refusal('not_following'));
    const answer = reads.has(method) ? this.#options.lane.run(read) : work();
    answer
      .catch((error: unknown): Answer => {
        // Another backend has taken over since this one looked, and nothing was written: it is that one's to answer.
        if (error instanceof LogUnavailable && error.fault === 'fenced') return { kind: 'elsewhere' };
        const { refusal, isFault } = refusalForError(error);
        if (isFault) this.#options.failed(error, method);
        return { kind: 'refusal', refusal };
      })
      .then((settled) => {
        this.#working -= 1;
        this.#answer(ticket, settled);
        this.#options.freed();
      })
      .catch((error: unknown) => this.#options.failed(error, method));
  }

  /** Unless an event was the answer already. */
  #answer(ticket: RequestTicket, answer: Answer): void {
    if (!ticket.open) return;
    if (answer.kind !== 'reply')
      ticket.trace?.end(answer.kind === 'refusal' ? answer.refusal.code : 'elsewhere');
    try {
      this.#send(ticket, answer);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#options.failed(error, 'answering');
      this.#send(ticket, refusal('internal_error'));
    }
    this.settle(ticket);
  }

  #send({ request: tag, channel }: RequestTicket, answer: Answer): void {
    const number = channel?.number ?? 0;
    if (answer.kind === 'elsewhere') {
      const { epoch } = this.#options.services.ownership.view;
      const elsewhere: Elsewhere = { epoch, ...(answer.match !== undefined && { match: answer.match }) };
      const header = { type: frameTypes.elsewhere, flags: 0, channel: number, tag };
      this.#options.send(header, JSON.stringify(elsewhere));
    } else if (answer.kind === 'reply') {
      const flags = answer.names ? frameFlags.namesPlayers : 0;
      const header = { type: frameTypes.reply, flags, channel: number, tag };
      this.#options.send(header, JSON.stringify(answer.result));
    } else {
      const missed = (answer.refusal.missed ?? []) as readonly { readonly type: string }[];
      const flags = namesPlayers(missed) ? frameFlags.namesPlayers : 0;
      const header = { type: frameTypes.refusal, flags, channel: number, tag };
      this.#options.send(header, JSON.stringify(answer.refusal));
    }
  }
}

/** The methods that change nothing, and whose answers can be large. */
const reads: ReadonlySet<LinkMethod> = new Set(['match.watch', 'match.get', 'match.list', 'match.events']);

function refusal(code: Refusal['code']): Answer {
  return { kind: 'refusal', refusal: refuse(code) };
}
