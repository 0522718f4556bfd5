import { useEffect, useState } from 'preact/hooks';
import type { MatchListItem } from '../../../protocol/player-messages.ts';
import type { Connection } from '../../connection.ts';

export interface MatchLists {
  readonly mine: readonly MatchListItem[];
  readonly open: readonly MatchListItem[];
  readonly live: readonly MatchListItem[];
}

export interface ListsState {
  /** `undefined` until the first answer. */
  readonly lists: MatchLists | undefined;
  /** The last try failed; what is shown is older. */
  readonly isStale: boolean;
}

/** Milliseconds between two looks. The protocol has no news of lists, so the lobby asks while somebody looks at it. */
const everyMs = 2_000;
/** Milliseconds for one look; the next one starts over. */
const patienceMs = 8_000;
const limit = 20;

/** The lobby's lists, kept current while the page is visible. */
export function useMatchLists(connection: Connection): ListsState {
  const [state, setState] = useState<ListsState>({ lists: undefined, isStale: false });
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const [mine, open, live] = await Promise.all(
          (['mine', 'open', 'live'] as const).map((filter) =>
            connection.listMatches({ filter, limit }, { patienceMs }),
          ),
        );
        if (!isOver && mine && open && live) {
          const lists = { mine: mine.matches, open: open.matches, live: live.matches };
          setState({ lists, isStale: false });
        }
      } catch {
        if (!isOver) setState(({ lists }) => ({ lists, isStale: true }));
      }
      if (!isOver && document.visibilityState === 'visible') timer = setTimeout(() => void look(), everyMs);
    };
    const onVisibility = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') void look();
    };
    document.addEventListener('visibilitychange', onVisibility);
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [connection]);
  return state;
}
