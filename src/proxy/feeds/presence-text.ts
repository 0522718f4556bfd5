import type { MatchId } from '../../protocol/ids.ts';
import type { NotificationParams, Seat } from '../../protocol/player-messages.ts';

/** The whole `match.presence` notification. `online` is left out while it is not known. */
export function presenceText(
  match: MatchId,
  service: NotificationParams<'match.presence'>['service'],
  online: readonly Seat[] | undefined,
): string {
  const params = service === 'away' || online === undefined ? { match, service } : { match, online, service };
  return JSON.stringify({ jsonrpc: '2.0', method: 'match.presence', params });
}
