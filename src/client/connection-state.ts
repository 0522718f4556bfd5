import type { SessionInfo } from '../protocol/player-messages.ts';
import type { ClientError } from './client-error.ts';

/**
 * ```
 *   connecting ──signed in──▶ open
 *     ▲    │ failed             │ socket lost
 *   time   ▼                    ▼
 *     └─ waiting ◀──────────────┘
 *   any of them ──close(), signed out, or told not to come back──▶ closed
 * ```
 */
export type ConnectionState =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open'; readonly session: SessionInfo }
  /** `attempt` counts failures in a row, from 1; the next try is at `retryAt`, Unix milliseconds. */
  | {
      readonly phase: 'waiting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly error: ClientError;
    }
  /** No `error` after `close()`. */
  | { readonly phase: 'closed'; readonly error?: ClientError };
