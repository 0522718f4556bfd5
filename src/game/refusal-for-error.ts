import { type Refusal, refuse } from '../protocol/refusals.ts';
import { StoreError } from '../store/index.ts';
import { LogUnavailable } from './log/log-unavailable.ts';
import { QueueFull } from './serial-queue.ts';

/**
 * What a player is told when a request failed, and whether an operator should hear of it as a fault of this
 * program or its disk.
 */
export function refusalForError(error: unknown): { readonly refusal: Refusal; readonly isFault: boolean } {
  if (error instanceof QueueFull) {
    return { refusal: refuse('rate_limited', { rule: 'match.queue', retryAfterMs: 250 }), isFault: false };
  }
  // The log itself reports when it stalls; one line for each command would add nothing.
  if (error instanceof LogUnavailable) {
    return { refusal: refuse('backend_unavailable', { retryAfterMs: 1_000 }), isFault: false };
  }
  if (error instanceof StoreError && (error.code === 'closed' || error.code === 'busy')) {
    return { refusal: refuse('backend_unavailable', { retryAfterMs: 1_000 }), isFault: false };
  }
  return { refusal: refuse('internal_error', { retryAfterMs: 1_000 }), isFault: true };
}
