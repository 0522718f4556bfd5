/** One request to whichever upstream of a route is available, tried again elsewhere only when that cannot do it twice. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Choice } from '../../balancing/balancer.ts';
import type { Repeatable } from '../../balancing/retry-safety.ts';
import type { Lease } from '../../balancing/upstream.ts';
import type { Flow, Receiver } from './exchange.ts';
import type { Fields } from './fields.ts';
import type { HttpTarget, HttpUpstream } from './http-upstream.ts';
import type { HttpUpstreams } from './http-upstreams.ts';
import {
  BodyTooLarge,
  faultOf,
  isBrokenConnection,
  TooManyInterimAnswers,
  TotalTimeout,
} from './upstream-fault.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly fields: Fields;
  /** Read by one attempt alone: with it nothing that may have begun to be sent is tried again. */
  readonly body?: Readable | undefined;
  /** What the balancer keeps together. */
  readonly key: string;
  /** Milliseconds for all attempts and the whole answer. */
  readonly totalMs: number;
}

export interface AskUpstreamOptions {
  readonly upstreams: HttpUpstreams;
  readonly onRetry?: (because: Repeatable) => void;
}

/** Methods that ask for nothing to be done, so that a second time does nothing either (RFC 9110 section 9.2.1). */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Interim answers before the answer; each would let the upstream take more time for it. */
const interimMost = 16;

/** Gives the way to stop; whoever stops hears nothing more. */
export function askUpstream(
  request: UpstreamRequest,
  receiver: Receiver,
  { upstreams, onRetry = () => {} }: AskUpstreamOptions,
): () => void {
  const search = upstreams.search(request.key);
  let isOver = false;
  let stopAttempt = () => {};
  const over = () => {
    isOver = true;
    clearTimeout(timer);
  };
  const timer = setTimeout(() => {
    stopAttempt();
    over();
    receiver.failed(faultOf(new TotalTimeout(), true));
  }, request.totalMs);

  const attempt = (choice: Choice<HttpTarget>): void => {
    if (choice.kind === 'none') {
      over();
      const { retryAfterMs } = choice;
      receiver.failed({ problem: 'upstream_unavailable', isDisconnected: true, retryAfterMs });
      return;
    }
    const { lease } = choice;
    stopAttempt = send({
      request,
      upstream: upstreams.to(lease.upstream),
      lease,
      receiver: {
        head: (head, flow) => receiver.head(head, flow),
        data: (chunk) => receiver.data(chunk),
        end: (trailers) => {
          over();
          receiver.end(trailers);
        },
      },
      failed: (error, progress) => {
        const because = repeatable(request, error, progress);
        if (because === undefined) {
          over();
          receiver.failed(faultOf(error, progress !== 'nothing-sent'));
          return;
        }
        const next = search.again(lease, because);
        if (next.kind === 'none') {
          over();
          receiver.failed(faultOf(error, progress !== 'nothing-sent'));
        } else {
          onRetry(because);
          attempt(next);
        }
      },
    });
  };
  attempt(search.first());
  return () => {
    if (isOver) return;
    over();
    stopAttempt();
  };
}

type Progress = 'nothing-sent' | 'sent' | 'answered';

/** Why another attempt would be safe; `undefined` when it would not be. */
function repeatable(
  { method, body }: UpstreamRequest,
  error: unknown,
  progress: Progress,
): Repeatable | undefined {
  if (progress === 'nothing-sent') return body?.readableDidRead === true ? undefined : 'did-not-run';
  const doesNothing = safe.has(method) && body === undefined;
  return progress === 'sent' && doesNothing && isBrokenConnection(error)
    ? 'asks-for-nothing-done'
    : undefined;
}

/** One attempt. Its lease is ended and reported on when it is over. */
function send({
  request: { method, target, fields, body },
  upstream,
  lease,
  receiver,
  failed,
}: {
  readonly request: UpstreamRequest;
  readonly upstream: HttpUpstream;
  readonly lease: Lease<HttpTarget>;
  readonly receiver: Pick<Receiver, 'head' | 'data' | 'end'>;
  readonly failed: (error: unknown, progress: Progress) => void;
}): () => void {
  let progress: Progress = 'nothing-sent';
  let isStopped = false;
  let interim = 0;
  let controller: Dispatcher.DispatchController | undefined;
  upstream.pool.dispatch(
    {
      path: target,
      method: method as Dispatcher.HttpMethod,
      headers: fields as Record<string, string | string[]>,
      body: body ?? null,
      // Each request on a connection of its own: a slow answer holds up no other.
      blocking: true,
    },
    {
      onRequestStart: (given) => {
        controller = given;
        if (isStopped) given.abort(new Error('nobody waits for the answer'));
        else progress = 'sent';
      },
      onResponseStart: (given, status, headers) => {
        // Interim answers are for the proxy: 103 would have to be checked as the final fields are.
        if (status < 200) {
          interim += 1;
          if (interim > interimMost) given.abort(new TooManyInterimAnswers());
          return;
        }
        progress = 'answered';
        lease.report(status >= 502 && status <= 504 ? 'failed' : 'succeeded');
        receiver.head({ status, fields: headers as Fields }, flowOf(given));
      },
      onResponseData: (_given, chunk) => receiver.data(chunk),
      onResponseEnd: (_given, trailers) => {
        lease.end();
        if (!isStopped) receiver.end(trailers as Fields);
      },
      onResponseError: (_given, error) => {
        if (!isStopped && !(error instanceof BodyTooLarge)) lease.report('failed');
        lease.end();
        if (!isStopped) failed(error, progress);
      },
    },
  );
  return () => {
    isStopped = true;
    controller?.abort(new Error('nobody waits for the answer'));
  };
}

function flowOf(controller: Dispatcher.DispatchController): Flow {
  return { pause: () => controller.pause(), resume: () => controller.resume() };
}
