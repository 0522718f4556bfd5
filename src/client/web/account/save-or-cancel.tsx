import type { JSX } from 'preact';
import { Alert } from '../parts/alert.tsx';
import { useWords } from '../words/use-words.ts';

interface SaveOrCancelProps {
  /** What is wrong with what was typed; empty when nothing is. */
  readonly problem: string;
  /** What the button that submits says. */
  readonly submit: string;
  onCancel(): void;
}

/** How a small form of the account ends: what is wrong, and the two ways out of it. */
export function SaveOrCancel({ problem, submit, onCancel }: SaveOrCancelProps): JSX.Element {
  const { account } = useWords();
  return (
    <>
      <Alert>{problem}</Alert>
      <div class="buttons">
        <button type="submit" class="button primary">
          {submit}
        </button>
        <button type="button" class="quiet" onClick={onCancel}>
          {account.cancel}
        </button>
      </div>
    </>
  );
}
