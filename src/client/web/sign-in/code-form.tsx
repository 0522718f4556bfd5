import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Alert } from '../parts/alert.tsx';
import { useWords } from '../words/use-words.ts';
import { TextField } from './text-field.tsx';

export interface CodeFormProps {
  /** From 1; beyond it the code before was wrong. */
  readonly attempt: number;
  /** `undefined` goes back. */
  answer(code: string | undefined): void;
}

/** The second step of a sign-in, where the account has a second factor. */
export function CodeForm({ attempt, answer }: CodeFormProps): JSX.Element {
  const words = useWords();
  const { signIn: texts, problems } = words;
  const [problem, setProblem] = useState(attempt > 1 ? problems.second_factor_wrong : '');
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const focus = () => (form.current?.elements.namedItem('code') as HTMLElement | null)?.focus();
  useEffect(() => focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy || form.current === null) return;
    const code = String(new FormData(form.current).get('code') ?? '').trim();
    if (code === '') {
      setProblem(texts.codeMissing);
      focus();
      return;
    }
    setProblem('');
    setBusy(true);
    answer(code);
  };
  return (
    <form ref={form} class="form" noValidate onSubmit={submit}>
      <h2>{texts.codeTitle}</h2>
      <TextField
        id={`${id}-code`}
        name="code"
        label={texts.code}
        hint={texts.codeHint}
        autoComplete="one-time-code"
      />
      <Alert>{problem}</Alert>
      <button type="submit" class="button primary wide" aria-disabled={isBusy}>
        {isBusy ? texts.busy : texts.codeGo}
      </button>
      <button type="button" class="quiet" onClick={() => answer(undefined)}>
        {texts.codeBack}
      </button>
    </form>
  );
}
