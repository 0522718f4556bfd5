import {
  askControl,
  backendDoors,
  type ControlAnswer,
  type ControlRequest,
  type ControlRoute,
} from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';

/** What backends know and the proxy does not. */
const answeredByBackends: ReadonlySet<string> = new Set<ControlRoute>(['GET /status', 'GET /metrics']);

/**
 * What the backends of the same data folder answer, so that an operator who asks the proxy hears of all processes of this machine.
 * One that has died, and one that does not know the question, says nothing.
 */
export async function* askBackends(
  route: string,
  { data, request }: { readonly data: string; readonly request: ControlRequest },
): AsyncGenerator<ControlAnswer, void, undefined> {
  if (!answeredByBackends.has(route)) return;
  const { query, body, signal } = request;
  for (const door of await backendDoors(data)) {
    try {
      yield* askControl(route as ControlRoute, { data, door, query, body, signal });
    } catch (error) {
      if (!(error instanceof OperatorError) && !signal.aborted) throw error;
    }
  }
}
