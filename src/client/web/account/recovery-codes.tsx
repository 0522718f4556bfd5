import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { ProofForm } from './proof-form.tsx';
import { Section } from './section.tsx';

export interface RecoveryCodesProps {
  readonly api: AccountApi;
  readonly left: number;
  readonly hasPasskeys: boolean;
}

/** How many are left, and a fresh set, shown as after registering. */
export function RecoveryCodes({ api, left, hasPasskeys }: RecoveryCodesProps): JSX.Element {
  const { account: texts } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={texts.recovery} lead={texts.recoveryLead}>
      <p>{texts.recoveryLeft(left)}</p>
      {isOpen ? (
        <>
          <p>{texts.recoveryRenewLead}</p>
          <ProofForm
            api={api}
            submit={texts.recoveryRenew}
            hasPasskeys={hasPasskeys}
            act={async (proof) => {
              api.session.showRecoveryCodes(await api.waysIn.renewRecoveryCodes(await api.access(), proof));
            }}
            onCancel={() => setOpen(false)}
          />
        </>
      ) : (
        <div class="account-actions">
          <button type="button" class="button" onClick={() => setOpen(true)}>
            {texts.recoveryRenew}
          </button>
        </div>
      )}
    </Section>
  );
}
