import type { JSX } from 'preact';
import { useWords } from '../words/use-words.ts';
import { Delayed } from './delayed.tsx';

/** Waiting, in words: quiet at first, and with a way out when it takes long. */
export function Loading(): JSX.Element {
  const { shell } = useWords();
  return (
    <div class="loading" role="status">
      <Delayed ms={300}>
        <p>{shell.loading}</p>
      </Delayed>
      <Delayed ms={8000}>
        <p>{shell.slow}</p>
        <button type="button" class="button" onClick={() => location.reload()}>
          {shell.reload}
        </button>
      </Delayed>
    </div>
  );
}
