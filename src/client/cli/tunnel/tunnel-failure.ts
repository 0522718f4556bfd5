import { endsSession } from '../../../protocol/closings.ts';
import { allTunnelClosings } from '../../../protocol/tunnel.ts';
import { ClientError } from '../../client-error.ts';

/** Why a tunnel closed, as the server told it before. */
export interface ToldClosing {
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
}

/** What a tunnel's end means, as an error that `explain` understands. */
export function tunnelFailure(
  facts: { readonly code: number; readonly status?: number; readonly error?: unknown },
  told?: ToldClosing,
): ClientError {
  const { code, status, error: cause } = facts;
  if (status !== undefined) return refusedUpgrade(status);
  const known = Object.entries(allTunnelClosings).find(([, closing]) => closing.code === code);
  const reason = told?.reason || known?.[1].text;
  if (endsSession(code) || code === allTunnelClosings.token_invalid.code) {
    return new ClientError('signed_out', reason, { closeCode: code });
  }
  if (known === undefined || reason === undefined) {
    return new ClientError('unreachable', undefined, { closeCode: code, cause });
  }
  const { retryAfterMs } = told ?? {};
  const refusal = { code: known[0], reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return new ClientError('refused', reason, { refusal, closeCode: code });
}

function refusedUpgrade(status: number): ClientError {
  switch (status) {
    case 404:
      return new ClientError('refused', 'There is no such route there any more.', {
        httpStatus: status,
        refusal: { code: 'route_unknown', reason: 'There is no such route there any more.' },
      });
    case 429:
    case 503:
      return new ClientError('timed_out', undefined, { httpStatus: status });
    default:
      return new ClientError('protocol', undefined, { httpStatus: status });
  }
}
