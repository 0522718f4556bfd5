import { useEffect, useReducer } from 'preact/hooks';
import type { ReadonlyJournal } from '../../journal.ts';

/** All entries of a journal so far, drawn anew with every further one. */
export function useEntries<T>(journal: ReadonlyJournal<T>): readonly T[] {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const { entries } = journal;
  useEffect(() => {
    redraw(undefined);
    return journal.subscribe(() => redraw(undefined));
  }, [journal]);
  return entries;
}
