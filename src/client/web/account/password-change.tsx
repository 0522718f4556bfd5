import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { PasswordField } from '../sign-in/password-field.tsx';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { newPassword, ProofForm } from './proof-form.tsx';
import { Section } from './section.tsx';

export interface PasswordChangeProps {
  readonly api: AccountApi;
  readonly hasPasskeys: boolean;
  /** Other devices are signed out by it. */
  onChange(): void;
}

export function PasswordChange({ api, hasPasskeys, onChange }: PasswordChangeProps): JSX.Element {
  const { account: texts, signIn } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  const id = useId();
  const next = (entries: FormData) => String(entries.get(newPassword) ?? '');
  return (
    <Section title={texts.changePassword} said={said}>
      {isOpen ? (
        <ProofForm
          api={api}
          submit={texts.changePassword}
          hasPasskeys={hasPasskeys}
          fault={(entries) =>
            next(entries) === '' ? { at: newPassword, text: signIn.passwordMissing } : undefined
          }
          act={async (proof, entries) => {
            await api.waysIn.changePassword(await api.access(), next(entries), proof);
            setOpen(false);
            setSaid(texts.passwordChanged);
            onChange();
          }}
          onCancel={() => setOpen(false)}
        >
          <PasswordField id={`${id}-new`} name={newPassword} label={texts.newPassword} isNew />
        </ProofForm>
      ) : (
        <div class="account-actions">
          <button
            type="button"
            class="button"
            onClick={() => {
              setSaid('');
              setOpen(true);
            }}
          >
            {texts.changePassword}
          </button>
        </div>
      )}
    </Section>
  );
}
