import {
  askControl,
  backendDoors,
  type ControlAnswer,
  type ControlRequest,
  type ControlRoute,
  mergeAnswers,
} from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';

/** What backends know and the proxy does not. */
const answeredByBackends: ReadonlySet<string> = new Set<ControlRoute>(['GET /status', 'GET /metrics']);

/** Milliseconds for an answer; one that runs gives it at once. */
const answerWithinMs = 2_000;

interface Question {
  readonly data: string;
  readonly request: ControlRequest;
}

/**
 * What the backends of the same data folder answer, so that an operator who asks the proxy hears of all processes of this machine.
 * One that has died, and one that does not know the question, says nothing; of one that hangs it is said.
 */
export async function* askBackends(
  route: string,
  question: Question,
): AsyncGenerator<ControlAnswer, void, undefined> {
  if (!answeredByBackends.has(route)) return;
  const doors = await backendDoors(question.data);
  yield* mergeAnswers(doors.map((door) => askOne(route as ControlRoute, { door, ...question })));
}

async function* askOne(
  route: ControlRoute,
  { door, data, request: { query, body, signal } }: Question & { readonly door: string },
): AsyncGenerator<ControlAnswer, void, undefined> {
  const patience = AbortSignal.timeout(answerWithinMs);
  try {
    yield* askControl(route, { data, door, query, body, signal: AbortSignal.any([signal, patience]) });
  } catch (error) {
    if (signal.aborted || error instanceof OperatorError) return;
    if (!patience.aborted) throw error;
    const from = door.replace('-', ' ');
    yield { from, error: { code: 'unavailable', message: `The ${from} does not answer; it hangs.` } };
  }
}
