import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Alert } from '../parts/alert.tsx';
import type { BrowserSession } from '../session/browser-session.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';

/** The way in for somebody who wants to play and nothing else. */
export function GuestButton({ session }: { readonly session: BrowserSession }): JSX.Element {
  const words = useWords();
  const texts = words.signIn;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const id = useId();
  const visit = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem('');
    try {
      await session.visit();
    } catch (error) {
      setBusy(false);
      setProblem(explain(error, words));
    }
  };
  return (
    <>
      <button
        type="button"
        class="button wide"
        aria-disabled={isBusy}
        aria-describedby={`${id}-hint`}
        onClick={() => void visit()}
      >
        {isBusy ? texts.busy : texts.guest}
      </button>
      <p class="hint" id={`${id}-hint`}>
        {texts.guestHint}
      </p>
      <Alert>{problem}</Alert>
    </>
  );
}
