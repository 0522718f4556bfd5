import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Alert } from '../parts/alert.tsx';
import { readCode } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { useWords } from '../words/use-words.ts';

/** Where somebody types a code that a friend told them. */
export function CodeField(): JSX.Element {
  const { lobby } = useWords();
  const [typed, setTyped] = useState('');
  const [isBad, setBad] = useState(false);
  const id = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const code = readCode(typed);
    setBad(code === undefined);
    if (code !== undefined) goTo({ at: 'join', code });
  };
  return (
    <form class="code-field" noValidate onSubmit={submit}>
      <label for={id}>{lobby.code}</label>
      <div class="with-button">
        <input
          id={id}
          type="text"
          inputMode="text"
          autoComplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          maxLength={16}
          placeholder="K7WM2PQR"
          aria-invalid={isBad}
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setBad(false);
          }}
        />
        <button type="submit" class="quiet">
          {lobby.codeGo}
        </button>
      </div>
      <Alert>{isBad && lobby.codeBad}</Alert>
    </form>
  );
}
