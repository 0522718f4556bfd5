import { useEffect, useState } from 'preact/hooks';
import type { ListName, MatchListItem } from '../../../protocol/player-messages.ts';
import type { Connection } from '../../connection.ts';

export type MatchLists = { readonly [Name in ListName]: readonly MatchListItem[] };

export interface ListsState {
  /** `undefined` until the first answer. */
  readonly lists: MatchLists | undefined;
  /** The last try failed; what is shown is older. */
  readonly isStale: boolean;
}

/** Milliseconds after which the lists are looked at without news: news may be lost, and ages of matches grow. */
const everyMs = 30_000;
/** Milliseconds until a failed look is tried again. */
const againMs = 2_000;
/** Milliseconds for one look. */
const patienceMs = 8_000;
const limit = 20;
const all: readonly ListName[] = ['mine', 'open', 'live'];

/** The lobby's lists, kept current by its news while the page is visible. */
export function useMatchLists(connection: Connection): ListsState {
  const [state, setState] = useState<ListsState>({ lists: undefined, isStale: false });
  useEffect(() => {
    const due = new Set<ListName>(all);
    let isOver = false;
    let isLooking = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopNews: (() => void) | undefined;

    const look = async () => {
      if (isLooking || due.size === 0) return;
      isLooking = true;
      clearTimeout(timer);
      const names = [...due];
      due.clear();
      const isCurrent = await fetchLists(names);
      isLooking = false;
      if (isOver || stopNews === undefined) return;
      if (!isCurrent) for (const name of names) due.add(name);
      else if (due.size > 0) void look();
      timer = setTimeout(isCurrent ? lookAtAll : look, isCurrent ? everyMs : againMs);
    };
    const fetchLists = async (names: readonly ListName[]): Promise<boolean> => {
      try {
        const answers = await Promise.all(
          names.map(
            async (filter) =>
              [filter, (await connection.listMatches({ filter, limit }, { patienceMs })).matches] as const,
          ),
        );
        const fresh = Object.fromEntries(answers) as Partial<MatchLists>;
        if (!isOver)
          setState(({ lists }) => ({ lists: { ...lists, ...fresh } as MatchLists, isStale: false }));
        return true;
      } catch {
        if (!isOver) setState(({ lists }) => ({ lists, isStale: true }));
        return false;
      }
    };
    const lookAt = (names: readonly ListName[]) => {
      for (const name of names) due.add(name);
      void look();
    };
    const lookAtAll = () => lookAt(all);
    const followVisibility = () => {
      if (document.visibilityState === 'visible') {
        stopNews ??= connection.watchLobby(lookAt);
        lookAtAll();
      } else {
        clearTimeout(timer);
        stopNews?.();
        stopNews = undefined;
      }
    };
    document.addEventListener('visibilitychange', followVisibility);
    followVisibility();
    return () => {
      isOver = true;
      clearTimeout(timer);
      stopNews?.();
      document.removeEventListener('visibilitychange', followVisibility);
    };
  }, [connection]);
  return state;
}
