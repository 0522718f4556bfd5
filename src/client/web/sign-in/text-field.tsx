import type { JSX } from 'preact';

export interface TextFieldProps {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly autoComplete?: string;
  readonly value?: string;
}

export function TextField({
  id,
  name,
  label,
  hint,
  autoComplete = 'off',
  value,
}: TextFieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="text"
        defaultValue={value}
        maxLength={128}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellcheck={false}
        aria-describedby={hint && `${id}-hint`}
        required
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
