import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';

export interface PasswordFieldProps {
  readonly id: string;
  readonly label: string;
  /** Being chosen now, rather than remembered. */
  readonly isNew: boolean;
  /** In the form. Default: `password`. */
  readonly name?: string;
}

/** A password that can be looked at while it is typed. Pasting and password managers are welcome. */
export function PasswordField({ id, label, isNew, name = 'password' }: PasswordFieldProps): JSX.Element {
  const { signIn: texts } = useWords();
  const [isShown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          name={name}
          {...(isShown ? { type: 'text' } : { type: 'password' })}
          maxLength={1024}
          autoComplete={isNew ? 'new-password' : 'current-password'}
          autoCapitalize="none"
          spellcheck={false}
          aria-describedby={isNew ? `${id}-hint` : undefined}
          required
        />
        <button
          type="button"
          class="quiet"
          aria-label={isShown ? texts.hidePassword : texts.showPassword}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? texts.hide : texts.show}
        </button>
      </div>
      {isNew && (
        <p class="hint" id={`${id}-hint`}>
          {texts.passwordHint}
        </p>
      )}
    </div>
  );
}
