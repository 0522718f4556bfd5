/** JSON-RPC 2.0 answers as text. Results arrive as JSON and are not parsed again. */
import type { RequestId, RpcError } from '../../protocol/player-messages.ts';
import { type Refusal, refusals } from '../../protocol/refusals.ts';

export function resultText(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}

export function refusalText(id: RequestId | null, refusal: Refusal, requestId: string): string {
  const error = {
    code: refusals[refusal.code].rpc,
    message: refusal.reason,
    data: { ...refusal, requestId },
  } as RpcError;
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

export function notificationText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}
