import type { ClientError } from '../../client-error.ts';
import type { Match, MatchPresence, MatchUpdate } from '../../match.ts';
import type { ConnectionNotice } from './connection-notices.ts';

/** Shows a match as text that only grows: the transcript for people and pipes, JSON lines for scripts. */
export interface Presenter {
  waiting(): void;
  /** The match is known; for its creator with the code that invites someone. */
  entered(match: Match): void;
  updated(update: MatchUpdate): void;
  presence(presence: MatchPresence): void;
  notice(notice: ConnectionNotice): void;
  /** It is this player's turn. */
  askMove(): void;
  /** The typed move was no move, or the server refused it; another one will be asked for. */
  refused(reason: string, error?: ClientError): void;
}
