/** How deep causes and nested objects are followed; beyond it only the message is kept. */
const MAX_DEPTH = 6;
/** How many inner errors of an `AggregateError` are kept. */
const MAX_INNER_ERRORS = 8;

export type SerializedError = { type: string; message: string; stack?: string; [detail: string]: unknown };

/**
 * Turns an error into plain data and keeps what helps: type, message, stack, every own property (`code`, `errno`,
 * `port`, …), the chain of causes and the errors of an `AggregateError`. It hides nothing; redaction does that
 * afterwards, on the finished line.
 */
export function serializeError(error: Error, depth = 0): SerializedError {
  const result: SerializedError = { type: typeOf(error), message: String(error.message) };
  if (typeof error.stack === 'string') result.stack = error.stack;
  for (const [name, value] of Object.entries(error)) {
    if (name !== 'message' && name !== 'stack' && name !== 'name') result[name] = plain(value, depth + 1);
  }
  if (error.cause !== undefined) result.cause = plain(error.cause, depth + 1);
  if (error instanceof AggregateError) {
    result.errors = error.errors.slice(0, MAX_INNER_ERRORS).map((inner) => plain(inner, depth + 1));
  }
  return result;
}

/**
 * Replaces errors inside plain objects and lists, at any place up to the depth limit, by their serialised form: a
 * bare `JSON.stringify` would print `{}` for them. Instances of other classes are left to their own serialisers.
 */
export function serializeErrorsWithin(value: unknown): unknown {
  return plain(value, 0);
}

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Error) return depth > MAX_DEPTH ? String(value.message) : serializeError(value, depth);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return depth > MAX_DEPTH ? '[…]' : value.map((item) => plain(item, depth + 1));
  if (!isPlainObject(value)) return value;
  if (depth > MAX_DEPTH) return '[…]';
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, depth + 1)]));
}

function typeOf(error: Error): string {
  return error.name === 'Error' ? (error.constructor?.name ?? 'Error') : error.name;
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
