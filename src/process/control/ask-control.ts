import { type IncomingMessage, request } from 'node:http';
import { systemErrorCode } from '../explain-system-error.ts';
import { OperatorError } from '../operator-error.ts';
import type { ControlAnswer } from './control-answers.ts';
import { controlPath } from './control-path.ts';
import type { ControlRoute } from './control-routes.ts';

export interface ControlQuestion {
  /** The data folder of the process that is asked. */
  readonly data: string;
  /** The process among those of the folder. Default: the proxy, which asks the others. */
  readonly door?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Milliseconds without a sign of life after which the other side counts as stuck. A long answer comes in several lines. */
const silenceMs = 60_000;
/** Characters of one line. */
const lineLength = 16 * 1024 * 1024;

/**
 * Asks the running Castling of a data folder, and gives its answers as they come, failures of one of several processes included.
 *
 * @throws OperatorError `not_running` when nothing runs there; `unavailable` when it does not answer; `usage` when it does not know the route
 */
export async function* askControl(
  route: ControlRoute,
  question: ControlQuestion,
): AsyncGenerator<ControlAnswer, void, undefined> {
  const response = await send(route, question);
  try {
    for await (const line of linesOf(response)) {
      if (response.statusCode !== 200) throw refusal(response.statusCode, line);
      yield JSON.parse(line) as ControlAnswer;
    }
  } finally {
    response.destroy();
  }
}

/**
 * The same for questions whose answers are awaited together.
 *
 * @throws OperatorError as above, and `unavailable` with the first failure that a process tells
 */
export async function askControlForAll<Value>(
  route: ControlRoute,
  question: ControlQuestion,
): Promise<Value[]> {
  const values: Value[] = [];
  for await (const answer of askControl(route, question)) {
    if ('error' in answer) throw new OperatorError('unavailable', answer.error.message);
    values.push(answer.value as Value);
  }
  return values;
}

function send(route: ControlRoute, question: ControlQuestion): Promise<IncomingMessage> {
  const { data, door, query = {}, body, signal } = question;
  const [method, path] = route.split(' ');
  const search = new URLSearchParams(query).toString();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({
    socketPath: controlPath(data, { ...(door !== undefined && { door }) }),
    method,
    path: search === '' ? path : `${path}?${search}`,
    agent: false,
    timeout: silenceMs,
    ...(signal && { signal }),
    ...(body !== undefined && { headers: { 'content-type': 'application/json' } }),
  });
  sent.once('response', resolve);
  sent.once('timeout', () => {
    sent.destroy(new OperatorError('unavailable', 'Castling runs there but does not answer.'));
  });
  sent.once('error', (error) => reject(explain(error, data)));
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

function explain(error: Error, data: string): Error {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return new OperatorError(
        'not_running',
        `No Castling runs with the data folder ${data}; start one with \`castling start\`, or name the folder of the one that runs with --data DIR.`,
        { cause: error },
      );
    case 'EACCES':
      return new OperatorError(
        'file_unreadable',
        `Only the account that runs the Castling of ${data} may ask it; use that account.`,
        { cause: error },
      );
    default:
      return error;
  }
}

function refusal(status: number | undefined, line: string): OperatorError {
  if (status === 404) {
    return new OperatorError(
      'usage',
      'The Castling that runs there does not know this; it may be another version.',
    );
  }
  const { error } = JSON.parse(line) as { error: { message: string } };
  return new OperatorError('usage', error.message);
}

/** Lines of text, without their ends; what follows the last end is none. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > lineLength) break;
      yield* lines;
    }
  } catch (error) {
    if (error instanceof OperatorError || isAbort(error)) throw error;
    throw new OperatorError('unavailable', 'Castling ended before it had answered.', { cause: error });
  }
  if (rest !== '') throw new OperatorError('unavailable', 'Castling broke off its answer.');
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
