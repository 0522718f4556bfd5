/** Switches a client to WebSocket at an upstream: the handshake between the two ends, then bytes. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Choice } from '../../balancing/balancer.ts';
import type { Fields } from './fields.ts';
import type { HttpTarget, HttpUpstream } from './http-upstream.ts';
import type { HttpUpstreams } from './http-upstreams.ts';
import { faultOf, TotalTimeout, type UpstreamFault } from './upstream-fault.ts';
import { isAnswerTo } from './websocket-handshake.ts';

export type UpgradeOutcome =
  /** The upstream has switched; its bytes come from the socket. */
  | { readonly kind: 'switched'; readonly fields: Fields; readonly socket: Duplex; readonly end: () => void }
  /** It has answered otherwise, and the answer's body follows on `data`. */
  | { readonly kind: 'answered'; readonly status: number; readonly fields: Fields; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly fault: UpstreamFault };

export interface UpgradeOptions {
  readonly request: IncomingMessage;
  readonly target: string;
  readonly fields: Fields;
  readonly key: string;
  readonly upstreams: HttpUpstreams;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Milliseconds for all attempts, to the switch or to the end of another answer. */
  readonly totalMs: number;
}

type Attempt = Omit<UpgradeOptions, 'totalMs'>;

/** Bytes of an answer that is no switch, such as the reason for a refusal. */
const answerMost = 64 * 1024;

/** Asks one upstream after the other while none could be connected to. Never rejects. */
export async function askForSwitch({ totalMs, ...options }: UpgradeOptions): Promise<UpgradeOutcome> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new TotalTimeout()), totalMs);
  const outcome = await askInTurn({ ...options, signal: AbortSignal.any([options.signal, late.signal]) });
  clearTimeout(timer);
  return outcome;
}

async function askInTurn(options: Attempt): Promise<UpgradeOutcome> {
  const { key, upstreams } = options;
  const search = upstreams.search(key);
  for (let choice: Choice<HttpTarget> = search.first(); ; ) {
    if (choice.kind === 'none') {
      const { retryAfterMs } = choice;
      return {
        kind: 'failed',
        fault: { problem: 'upstream_unavailable', isDisconnected: true, retryAfterMs },
      };
    }
    const { lease } = choice;
    const outcome = await askOne(upstreams.to(lease.upstream), options);
    if (outcome.kind === 'switched') {
      lease.report('succeeded');
      // A WebSocket is a connection of the upstream's for as long as it is open.
      return { ...outcome, end: () => lease.end() };
    }
    if (!options.signal.aborted) lease.report(outcome.kind === 'answered' ? 'succeeded' : 'failed');
    if (outcome.kind === 'answered' || !outcome.fault.isDisconnected || options.signal.aborted) {
      lease.end();
      return outcome;
    }
    choice = search.again(lease, 'did-not-run');
    if (choice.kind === 'none') return outcome;
  }
}

function askOne(upstream: HttpUpstream, options: Attempt): Promise<UpgradeOutcome> {
  const { request, target, fields, signal } = options;
  return new Promise((resolve) => {
    let isSent = false;
    let controller: Dispatcher.DispatchController | undefined;
    const abort = () => {
      controller?.abort(reasonOf(signal));
      // It may still wait for a connection, where nothing can be aborted.
      resolve({ kind: 'failed', fault: faultOf(reasonOf(signal), isSent) });
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    let head: { readonly status: number; readonly fields: Fields } | undefined;
    const chunks: Buffer[] = [];
    let bytes = 0;
    upstream.pool.dispatch(
      { path: target, method: 'GET', headers: fields as Record<string, string>, upgrade: 'websocket' },
      {
        onRequestStart: (given) => {
          isSent = true;
          controller = given;
          if (signal.aborted) given.abort(reasonOf(signal));
        },
        onRequestUpgrade: (_controller, status, answered, socket) => {
          const answer = answered as Fields;
          if (status !== 101 || !isAnswerTo(request, answer) || signal.aborted) {
            socket.destroy();
            resolve({ kind: 'failed', fault: { problem: 'upstream_answer_refused', isDisconnected: false } });
          } else resolve({ kind: 'switched', fields: answer, socket, end: () => {} });
        },
        onResponseStart: (_controller, status, answered) => {
          if (status >= 200) head = { status, fields: answered as Fields };
        },
        onResponseData: (given, chunk) => {
          bytes += chunk.length;
          if (bytes > answerMost) given.abort(new Error('the answer is too long'));
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          if (head !== undefined) resolve({ kind: 'answered', ...head, body: Buffer.concat(chunks) });
        },
        onResponseError: (_controller, error) => resolve({ kind: 'failed', fault: faultOf(error, isSent) }),
      },
    );
  });
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof TotalTimeout ? reason : new Error('nobody waits for the answer');
}
