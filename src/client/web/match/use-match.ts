import { useEffect, useState } from 'preact/hooks';
import type { Connection } from '../../connection.ts';
import type { Match } from '../../match.ts';
import type { MatchReference } from '../routing/route.ts';

export type MatchLoading =
  | { readonly phase: 'loading' }
  | { readonly phase: 'ready'; readonly match: Match }
  | { readonly phase: 'failed'; readonly error: unknown; retry(): void };

/** Milliseconds until a match that does not come is given up with a word. */
const patienceMs = 20_000;

/** Follows a match for as long as it is on the screen. */
export function useMatch(connection: Connection, which: MatchReference): MatchLoading {
  const [state, setState] = useState<MatchLoading>({ phase: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const key = 'match' in which ? which.match : which.code;
  useEffect(() => {
    let isOver = false;
    let followed: Match | undefined;
    setState({ phase: 'loading' });
    follow(connection, which).then(
      (match) => {
        followed = match;
        if (isOver) letGo(match);
        else setState({ phase: 'ready', match });
      },
      (error: unknown) => {
        if (!isOver) setState({ phase: 'failed', error, retry: () => setAttempt((count) => count + 1) });
      },
    );
    return () => {
      isOver = true;
      if (followed) letGo(followed);
    };
  }, [connection, key, attempt]);
  return state;
}

/**
 * Somebody who waits in their own match follows it as its player, so that leaving can cancel it. Everybody else asks for all
 * events from the first on, which a player may as well, and so has the whole story after a reload.
 */
async function follow(connection: Connection, which: MatchReference): Promise<Match> {
  const look = await connection.getMatch(which, { patienceMs });
  const isWaiting = look.seat !== null && look.snapshot?.status === 'waiting';
  if (isWaiting) return await connection.joinMatch({ match: look.match }, { patienceMs });
  return await connection.watchMatch(which, { patienceMs });
}

/** A match in which one plays stays followed, so that nothing is lost while one looks at the lobby. */
function letGo(match: Match): void {
  const isPlaying = match.seat !== null && match.state.status !== 'over';
  if (!isPlaying) match.leave().catch(() => {});
}
