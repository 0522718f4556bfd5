import type { Logger } from '../logger.ts';
import { type ControlAnswer, controlAnswers } from './control-answers.ts';

/** What one question over the control socket says. */
export interface ControlRequest {
  readonly query: Readonly<Record<string, string>>;
  /** JSON; `undefined` when none was sent. */
  readonly body: unknown;
  /** Aborted when the asker has gone. */
  readonly signal: AbortSignal;
}

/**
 * Answers with one JSON value, or with several as they come. What it throws ends the answer: an `OperatorError` is told to the
 * asker with its code; anything else is logged, and told as `internal_error`.
 */
export type ControlHandler = (request: ControlRequest) => unknown | AsyncIterable<unknown>;

/** `GET` for what only looks, `POST` for what changes something. */
export type ControlRoute = `${'GET' | 'POST'} /${string}`;

/** Answers one question; throws nothing. */
export type ControlResponder = (request: ControlRequest) => AsyncIterable<ControlAnswer>;

/** What the components of one process answer to operators. Each adds its own routes when it is made. */
export class ControlRoutes {
  readonly #handlers = new Map<string, ControlHandler>();
  readonly #speaker: { readonly from: string; readonly logger: Logger };

  /** `from` says in each answer which process speaks. */
  constructor(speaker: { readonly from: string; readonly logger: Logger }) {
    this.#speaker = speaker;
  }

  /** Every route, for a process that answers in this one's name. */
  get names(): string[] {
    return [...this.#handlers.keys()];
  }

  /** @throws Error when the route is there already: that is a fault in the program. */
  add(route: ControlRoute, handler: ControlHandler): void {
    if (this.#handlers.has(route)) throw new Error(`The control route ${route} is there twice.`);
    this.#handlers.set(route, handler);
  }

  /** By method and path, in any spelling that a stranger may send. */
  find(route: string): ControlResponder | undefined {
    const handler = this.#handlers.get(route);
    return handler && ((request) => controlAnswers(handler, request, this.#speaker));
  }
}
