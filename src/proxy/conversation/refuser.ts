import type { ClosingCode } from '../../protocol/closings.ts';
import type { RequestId } from '../../protocol/player-messages.ts';
import type { Refusal } from '../../protocol/refusals.ts';
import type { Inbound } from '../inbound.ts';
import type { Decision } from '../policy/decisions/decision.ts';
import type { RecentDecisions } from '../policy/decisions/recent-decisions.ts';
import { gameRoute } from '../policy/filters/kinds.ts';
import type { Policy } from '../policy/policy.ts';
import type { Ask } from './ask.ts';
import type { PlayerSocket } from './player-socket.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { refusalText } from './rpc-text.ts';

export interface RefuserOptions {
  readonly decisions: RecentDecisions;
  readonly requests: RequestMetrics;
  readonly policy: Pick<Policy, 'known'>;
  readonly nextRequestId: () => string;
  readonly logger: {
    debug(detail: object, message: string): void;
    info(detail: object, message: string): void;
  };
  /** Milliseconds from which on an answer counts as slow. */
  readonly slowAfterMs: number;
}

/** What was asked, as far as it could be read. */
export interface Asked {
  readonly id: RequestId | null;
  readonly method?: string;
  readonly match?: string | undefined;
}

export function askedBy({ id, method, params }: Inbound): Asked {
  return { id, method, match: 'match' in params ? params.match : undefined };
}

/** Says no to a socket: in its answer, in the log, and where the operator can ask about it later. */
export class Refuser {
  readonly #options: RefuserOptions;
  slowAfterMs: number;

  constructor(options: RefuserOptions) {
    this.#options = options;
    this.slowAfterMs = options.slowAfterMs;
  }

  /** What did not come to a backend. */
  refuse(socket: PlayerSocket, asked: Asked, refusal: Refusal): void {
    const requestId = this.#note(socket, asked, { ...refusal, outcome: 'refused' });
    socket.outbox.deliver(refusalText(asked.id, refusal, requestId));
  }

  /** Ends the socket for what a rule says. */
  close(
    socket: PlayerSocket,
    asked: Asked,
    { code, refusal }: { code: ClosingCode; refusal: Refusal },
  ): void {
    const requestId = this.#note(socket, asked, { ...refusal, code, outcome: 'closed' });
    const { reason, rule, retryAfterMs } = refusal;
    socket.close(code, { reason, rule, retryAfterMs, requestId });
  }

  /** What a backend refused, or did not answer. */
  refuseAsk(ask: Ask, refusal: Refusal): void {
    this.#options.requests.refused(ask.method, { code: refusal.code, ms: ask.tookMs });
    this.#remember(ask.socket, ask, { ...storyOf(ask), ...told(refusal), outcome: 'refused' });
    ask.socket.outbox.deliver(refusalText(ask.id, refusal, ask.requestId));
  }

  /** Told of every answer. */
  answered(ask: Ask): void {
    const { requestId, method, match, tookMs } = ask;
    this.#options.requests.answered(method, tookMs);
    if (tookMs < this.slowAfterMs) return;
    this.#options.logger.info({ requestId, method, match, ms: Math.round(tookMs) }, 'slow answer');
    this.#remember(ask.socket, ask, { ...storyOf(ask), outcome: 'slow' });
  }

  #note(
    socket: PlayerSocket,
    asked: Asked,
    { outcome, ...refusal }: Pick<Decision, 'outcome'> & Omit<Refusal, 'code'> & { readonly code: string },
  ): string {
    const requestId = this.#options.nextRequestId();
    this.#options.policy.known(socket.caller, requestId);
    const { code, rule } = refusal;
    const budgets = rule?.startsWith('rate.') ? socket.caller.levels : undefined;
    const stage = rule?.startsWith('sockets.') ? 'sign-in' : 'message';
    this.#remember(socket, asked, { requestId, stage, outcome, ...told(refusal), budgets });
    const { session } = socket.session.current ?? {};
    this.#options.logger.debug({ code, rule, requestId, session }, outcome);
    return requestId;
  }

  #remember(
    { session: { current } }: PlayerSocket,
    { method: kind, match }: Pick<Asked, 'method' | 'match'>,
    decision: Omit<Decision, 'at'>,
  ): void {
    const who = { session: current?.session, pseudonym: current?.pseudonym };
    this.#options.decisions.note({ ...decision, route: gameRoute, kind, match, ...who });
  }
}

function storyOf({
  requestId,
  tookMs,
  isTurn,
}: Ask): Pick<Decision, 'requestId' | 'stage' | 'tookMs' | 'isTurn'> {
  return { requestId, stage: 'backend', tookMs, isTurn };
}

function told({
  code,
  reason,
  rule,
  retryAfterMs,
}: Omit<Refusal, 'code'> & { readonly code: string }): Pick<
  Decision,
  'code' | 'reason' | 'rule' | 'retryAfterMs'
> {
  return { code, reason, rule, retryAfterMs };
}
