import type { MatchEvent } from '../protocol/player-messages.ts';
import type { ReceivedRefusal } from './client-error.ts';

/** What the server may say, told apart. */
export type ServerMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refusal'; readonly id: number | null; readonly refusal: ReceivedRefusal }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Record<string, unknown> };

/**
 * Text to typed message; `undefined` for anything that is not JSON-RPC 2.0 as this client uses it. It checks the
 * envelope and what the connection itself acts on. Unknown notifications and fields pass, so that a newer server can
 * say more than this client knows.
 */
export function parseServerMessage(text: string): ServerMessage | undefined {
  const message = parseObject(text);
  if (message === undefined || message.jsonrpc !== '2.0') return undefined;
  const { id, method, error } = message;
  if (typeof method === 'string') {
    const params = message.params ?? {};
    return isObject(params) && id === undefined ? { kind: 'notification', method, params } : undefined;
  }
  if (error !== undefined) {
    if (id !== null && typeof id !== 'number') return undefined;
    return isObject(error) ? { kind: 'refusal', id, refusal: readRefusal(error) } : undefined;
  }
  if (typeof id !== 'number' || !('result' in message)) return undefined;
  return { kind: 'result', id, result: message.result };
}

/** Whether the value has what every event has, and what the match's bookkeeping relies on. */
export function isMatchEvent(value: unknown): value is MatchEvent {
  return (
    isObject(value) &&
    typeof value.match === 'string' &&
    typeof value.type === 'string' &&
    typeof value.seq === 'number' &&
    Number.isSafeInteger(value.seq) &&
    value.seq > 0
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON text that holds an object, or `undefined`. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a refusal or a problem document's members; what is missing gets a neutral word. */
function readRefusal(error: Record<string, unknown>): ReceivedRefusal {
  const data = isObject(error.data) ? error.data : {};
  const { code, reason, rule, retryAfterMs, requestId, missed } = data;
  return {
    code: typeof code === 'string' ? code : 'internal_error',
    reason: typeof reason === 'string' ? reason : String(error.message ?? 'The server refused.'),
    ...(typeof rule === 'string' && { rule }),
    ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && { retryAfterMs }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(Array.isArray(missed) && { missed: missed.filter(isMatchEvent) }),
  };
}
