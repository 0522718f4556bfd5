import type { Logger } from '../logger.ts';
import { OperatorError } from '../operator-error.ts';
import type { ControlHandler, ControlRequest } from './control-routes.ts';

/** One line of an answer: who says it, and a value or why there is none. */
export type ControlAnswer =
  | { readonly from: string; readonly value: unknown }
  | { readonly from: string; readonly error: { readonly code: string; readonly message: string } };

/** Asks a handler and gives its answers, the failure included; throws nothing. */
export async function* controlAnswers(
  handler: ControlHandler,
  request: ControlRequest,
  { from, logger }: { readonly from: string; readonly logger: Logger },
): AsyncGenerator<ControlAnswer, void, undefined> {
  try {
    const answer = await handler(request);
    if (!isAsyncIterable(answer)) {
      yield { from, value: answer ?? null };
      return;
    }
    for await (const value of answer) yield { from, value };
  } catch (error) {
    if (request.signal.aborted) return;
    if (error instanceof OperatorError) {
      yield { from, error: { code: error.code, message: error.message } };
      return;
    }
    logger.error({ err: error }, 'an operator’s question could not be answered');
    yield {
      from,
      error: { code: 'internal_error', message: 'this is a fault in Castling; its log says more.' },
    };
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
