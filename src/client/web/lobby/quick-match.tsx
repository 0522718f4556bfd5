import type { JSX } from 'preact';
import { useEffect, useReducer } from 'preact/hooks';
import type { WebGame } from '../games/index.ts';
import { Alert } from '../parts/alert.tsx';
import { Delayed } from '../parts/delayed.tsx';
import { minutesAndSeconds } from '../parts/time-ago.ts';
import { useCell } from '../state/use-cell.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { OpponentSearch } from './opponent-search.ts';

/** Milliseconds after which somebody who waits alone is told what else they can do. */
const longWaitMs = 20_000;

/** The main thing to do in the lobby, and what it looks like while it is under way. */
export function QuickMatch({
  search,
  game,
}: {
  readonly search: OpponentSearch;
  readonly game: WebGame;
}): JSX.Element {
  const words = useWords();
  const { lobby } = words;
  const state = useCell(search.state);
  if (state.phase === 'searching') {
    return (
      <div class="searching">
        <div role="status">
          <p class="searching-title">
            <span class="pulse" aria-hidden="true" />
            {lobby.searching}
          </p>
          <Delayed ms={longWaitMs}>
            <p class="hint">{lobby.searchingLong}</p>
          </Delayed>
        </div>
        <p class="hint">
          <Waited since={state.since} />
        </p>
        <button type="button" class="button wide" onClick={() => search.stop()}>
          {lobby.cancelSearch}
        </button>
      </div>
    );
  }
  return (
    <div>
      <button type="button" class="button primary big wide" onClick={() => void search.start(game.game)}>
        {lobby.quick}
      </button>
      <p class="hint">{lobby.quickLead}</p>
      <Alert>{state.phase === 'failed' && explain(state.error, words)}</Alert>
    </div>
  );
}

function Waited({ since }: { readonly since: number }): JSX.Element {
  const { lobby } = useWords();
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{lobby.waited(minutesAndSeconds(Date.now() - since))}</>;
}
