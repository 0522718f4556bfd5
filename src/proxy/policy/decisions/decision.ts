import type { BudgetLevel } from '../limits/message-budget.ts';

/** Where a request stood when it was decided about. `backend`: the proxy had let it through. */
export type DecisionStage = 'connection' | 'request' | 'upgrade' | 'sign-in' | 'message' | 'backend';

/**
 * What is remembered of a request that was refused, ended a socket, or took long: enough to explain it, and nothing that it said.
 * Players are sessions and pseudonyms here; no name, token or content is kept.
 */
export interface Decision {
  readonly requestId: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly stage: DecisionStage;
  readonly outcome: 'refused' | 'closed' | 'slow';
  /** The refusal's, the closing's or the problem's; absent for what was only slow. */
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly rule?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What was asked, as filters call it: `match.move`, `POST /auth/login`. */
  readonly kind?: string | undefined;
  readonly route?: string | undefined;
  readonly match?: string | undefined;
  readonly session?: string | undefined;
  readonly pseudonym?: string | undefined;
  /** Of the client; only where it was the address that decided. */
  readonly address?: string | undefined;
  /** Milliseconds to the answer. */
  readonly tookMs?: number | undefined;
  /** It was the turn of the seat that asked. */
  readonly isTurn?: boolean | undefined;
  /** What was left when a budget refused. */
  readonly budgets?: readonly BudgetLevel[] | undefined;
}
