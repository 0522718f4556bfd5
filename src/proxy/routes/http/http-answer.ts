import type { ServerResponse } from 'node:http';
import {
  type ProblemCode,
  type ProblemDetail,
  problemBody,
  problems,
  problemType,
} from '../../http/problem.ts';
import type { Answer, Flow, ResponseHead } from './exchange.ts';
import { type Fields, fieldTokens } from './fields.ts';
import type { UpstreamFault } from './upstream-fault.ts';

export interface AnswerOutcome {
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
  /** What this proxy refused with, if it did. */
  readonly problem: (ProblemDetail & { readonly code: ProblemCode; readonly reason: string }) | undefined;
}

export interface HttpAnswerOptions {
  readonly response: ServerResponse;
  readonly requestId: string;
  /** What every answer of this server on this connection says. */
  readonly headers: Readonly<Record<string, string>>;
  /** The fields as the client gets them, names and values in turn; `undefined` refuses the answer. */
  readonly fieldsFor: (head: ResponseHead) => string[] | undefined;
  /** Told how it ended. */
  readonly onOver: (outcome: AnswerOutcome) => void;
  /** The connection closes with this answer. */
  readonly isLast: () => boolean;
}

export interface ProblemOptions extends ProblemDetail {
  readonly fields?: Readonly<Record<string, string>>;
}

interface Elsewhere {
  readonly status: number;
  readonly location: string;
  readonly cookie?: string;
}

/** An exchange's client, over HTTP/1.1. */
export class HttpAnswer implements Answer {
  readonly #options: HttpAnswerOptions;
  readonly #response: ServerResponse;
  readonly #passesTrailers: boolean;
  #whenGone = () => {};
  #isOver = false;
  #isRefused = false;
  #problem: AnswerOutcome['problem'];
  #bytes = 0;
  #flow: Flow | undefined;

  constructor(options: HttpAnswerOptions) {
    this.#options = options;
    const { response } = options;
    this.#response = response;
    this.#passesTrailers = fieldTokens(response.req.headers, 'te').some((each) => /^trailers\b/.test(each));
    response.on('drain', () => this.#flow?.resume());
    response.on('close', () => {
      this.#finish();
      if (!response.writableFinished) this.#whenGone();
    });
  }

  whenGone(callback: () => void): void {
    this.#whenGone = callback;
  }

  head(head: ResponseHead, flow: Flow): void {
    const { status, fields } = head;
    this.#flow = flow;
    const lines = this.#lines(head);
    if (lines === undefined) {
      this.#isRefused = true;
      this.problem('upstream_answer_refused');
      this.#whenGone();
      return;
    }
    // Trailers need chunks, and an announcement (RFC 9110 section 6.6.2); nobody who has not asked gets any.
    if (this.#passesTrailers && fields.trailer !== undefined) lines.push('trailer', String(fields.trailer));
    this.#response.writeHead(status, lines);
    // What came with the head leaves with it; a head alone does not wait for what may be long in coming.
    process.nextTick(() => this.#flushHead());
  }

  data(chunk: Buffer): void {
    if (this.#isRefused) return;
    this.#bytes += chunk.length;
    if (!this.#response.write(chunk)) this.#flow?.pause();
  }

  end(trailers: Fields): void {
    if (this.#isRefused) return;
    if (this.#passesTrailers) this.#response.addTrailers(trailersFor(trailers));
    this.#response.end();
  }

  whole(head: ResponseHead, body: Buffer | undefined): void {
    const lines = this.#lines(head);
    if (lines === undefined) {
      this.problem('upstream_answer_refused');
      return;
    }
    this.#bytes += body?.length ?? 0;
    this.#response.writeHead(head.status, lines);
    this.#response.end(body);
  }

  failed({ problem, retryAfterMs, fields }: UpstreamFault): void {
    if (this.#isRefused) return;
    // Half an answer must not look like a whole one (RFC 9112 section 8).
    if (this.#response.headersSent) this.#response.destroy();
    else this.problem(problem, { retryAfterMs, ...(fields && { fields }) });
  }

  /** Leads the client to another address. */
  elsewhere({ status, location, cookie }: Elsewhere): void {
    this.#response.writeHead(status, {
      ...this.#options.headers,
      location,
      'content-length': '0',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    });
    this.#response.end();
  }

  /** RFC 9457. */
  problem(code: ProblemCode, { rule, retryAfterMs, fields = {} }: ProblemOptions = {}): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    this.#problem = { code, reason: problems[code].title, rule, retryAfterMs };
    const body = problemBody(code, this.#options.requestId, { rule, retryAfterMs });
    response.writeHead(problems[code].status, {
      ...this.#options.headers,
      'content-type': problemType,
      'content-length': String(Buffer.byteLength(body)),
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      // A body that has not been read to its end cannot be told from the next request.
      ...((!response.req.complete || this.#options.isLast()) && { connection: 'close' }),
      ...fields,
    });
    response.end(response.req.method === 'HEAD' ? undefined : body);
  }

  #lines(head: ResponseHead): string[] | undefined {
    const lines = this.#options.fieldsFor(head);
    if (this.#options.isLast()) lines?.push('connection', 'close');
    return lines;
  }

  #flushHead(): void {
    if (this.#bytes === 0 && !this.#response.writableEnded && !this.#response.destroyed) {
      this.#response.flushHeaders();
    }
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onOver({
      status: this.#response.statusCode,
      bytes: this.#bytes,
      problem: this.#problem,
    });
  }
}

/** Fields that must not come after the body (RFC 9110 section 6.5.1), or that only this proxy says. */
const notTrailers =
  /^(?:transfer-encoding|content-|trailer|cache-|set-cookie|authorization|strict-|age|date|expires|location|vary|www-|proxy-|connection|te|upgrade|via|status)/;

function trailersFor(trailers: Fields): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(trailers).flatMap(([name, value]) =>
      value === undefined || notTrailers.test(name) ? [] : [[name, String(value)]],
    ),
  );
}
