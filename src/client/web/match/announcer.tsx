import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Match } from '../../match.ts';
import type { WebGame } from '../games/index.ts';
import { useWords } from '../words/use-words.ts';
import { announcementOf } from './announcement.ts';

/** Says aloud what happens in the match. Politely: a move does not interrupt a sentence. */
export function Announcer({
  match,
  game,
}: {
  readonly match: Match;
  readonly game: WebGame | undefined;
}): JSX.Element {
  const words = useWords();
  const [spoken, setSpoken] = useState<readonly { readonly at: number; readonly text: string }[]>([]);
  useEffect(
    () =>
      match.updates.subscribe((update) => {
        if (update.kind !== 'event') return;
        const { event, state } = update;
        const text = announcementOf(event, { state, game, seat: match.seat, words });
        // A move and the end that it brings come together; both are kept, so that neither is cut off by the other.
        if (text) setSpoken((before) => [...before.slice(-1), { at: (before.at(-1)?.at ?? 0) + 1, text }]);
      }),
    [match, game, words],
  );
  return (
    <div class="unseen" role="log" aria-live="polite">
      {/* What has been said keeps its element: one that were made anew would be read aloud again. */}
      {spoken.map(({ at, text }) => (
        <p key={at}>{text}</p>
      ))}
    </div>
  );
}
