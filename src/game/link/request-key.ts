import { lobbyKey, type OwnershipKey } from '../../protocol/ownership.ts';
import type { LinkRequest } from './link-schemas.ts';

/** What a request is about, so that its owner answers it. Undefined for what any backend answers, and for invite codes. */
export function requestKey({ method, params }: LinkRequest): OwnershipKey | undefined {
  switch (method) {
    case 'lobby.find':
    case 'lobby.cancel':
      return lobbyKey(params.game);
    case 'lobby.watch':
    case 'lobby.unwatch':
    case 'match.create':
    case 'match.list':
      return undefined;
    default:
      return params.match;
  }
}
