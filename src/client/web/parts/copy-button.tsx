import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';

/** Milliseconds for which the button says that it has copied. */
const saidMs = 2500;

export interface CopyButtonProps {
  readonly text: () => string;
  readonly label: string;
  readonly done: string;
  readonly class?: string;
}

export function CopyButton({ text, label, done, ...rest }: CopyButtonProps): JSX.Element {
  const { invitation } = useWords();
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'refused'>('none');
  useEffect(() => {
    if (outcome !== 'copied') return;
    const timer = setTimeout(() => setOutcome('none'), saidMs);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setOutcome('copied');
    } catch {
      setOutcome('refused');
    }
  };
  return (
    <>
      <button type="button" class={rest.class ?? 'button'} onClick={() => void copy()}>
        {outcome === 'copied' ? done : label}
      </button>
      <span role="status" class={outcome === 'refused' ? 'hint' : 'unseen'}>
        {outcome === 'copied' && done}
        {outcome === 'refused' && invitation.copyFailed}
      </span>
    </>
  );
}
