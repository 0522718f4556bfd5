import { parseId } from '../../../protocol/ids.ts';
import type { Connection } from '../../connection.ts';
import type { Match } from '../../match.ts';
import { CliError } from '../cli-error.ts';
import { ClientExit } from '../client-exit.ts';

/** How to come to a match: take any opponent, invite one, or follow an invitation or a match id. */
export type Way =
  | { readonly kind: 'find'; readonly game: string }
  | { readonly kind: 'create'; readonly game: string; readonly visibility: 'public' | 'private' }
  | { readonly kind: 'join'; readonly which: MatchReference };

export type MatchReference = { readonly match: string } | { readonly code: string };

/** Milliseconds that entering may take; waiting for an opponent takes as long as it takes. */
const patienceMs = 30_000;

export async function enterMatch(
  connection: Connection,
  { way, signal }: { readonly way: Way; readonly signal: AbortSignal },
): Promise<Match> {
  switch (way.kind) {
    case 'find':
      return connection.findMatch(way.game, { signal });
    case 'create':
      return connection.createMatch({ game: way.game, visibility: way.visibility }, { patienceMs });
    case 'join':
      return connection.joinMatch(way.which, { patienceMs });
  }
}

/** Tells a match id from an invite code; codes may be typed in lower case. @throws CliError `usage` */
export function readMatchReference(text: string): MatchReference {
  const match = parseId('match', text);
  if (match !== undefined) return { match };
  const code = parseId('invite', text.toUpperCase());
  if (code !== undefined) return { code };
  const message = `"${text.slice(0, 40)}" is neither an invite code (8 letters and digits) nor a match id (m_...).`;
  throw new CliError('usage', message, { exitCode: ClientExit.usage });
}
