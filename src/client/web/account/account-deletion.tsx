import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { ProofForm } from './proof-form.tsx';
import { Section } from './section.tsx';

export interface AccountDeletionProps {
  readonly api: AccountApi;
  readonly hasPasskeys: boolean;
}

/** For good, with a second look. */
export function AccountDeletion({ api, hasPasskeys }: AccountDeletionProps): JSX.Element {
  const { account: texts } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={texts.erase} lead={texts.eraseLead}>
      {isOpen ? (
        <div class="account-ask">
          <p class="note">{texts.eraseSure}</p>
          <ProofForm
            api={api}
            submit={texts.eraseYes}
            isDangerous
            hasPasskeys={hasPasskeys}
            act={async (proof) => {
              await api.auth.deleteAccount(await api.access(), proof);
              api.session.ended('account_deleted');
            }}
            onCancel={() => setOpen(false)}
          />
        </div>
      ) : (
        <div class="account-actions">
          <button type="button" class="button danger" onClick={() => setOpen(true)}>
            {texts.eraseGo}
          </button>
        </div>
      )}
    </Section>
  );
}
