import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ListedPasskey, Proof } from '../../ways-in-client.ts';
import { timeAgo } from '../parts/time-ago.ts';
import { deviceName } from '../session/device-name.ts';
import { makePasskey, passkeysWork } from '../session/web-authn.ts';
import { TextField } from '../sign-in/text-field.tsx';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { PasskeyRow } from './passkey-row.tsx';
import { ProofForm } from './proof-form.tsx';
import { Section } from './section.tsx';

export interface PasskeysProps {
  readonly api: AccountApi;
  readonly passkeys: readonly ListedPasskey[];
  reload(): void;
}

export function Passkeys({ api, passkeys, reload }: PasskeysProps): JSX.Element {
  const words = useWords();
  const texts = words.account;
  const [isAdding, setAdding] = useState(false);
  const [said, setSaid] = useState('');
  const id = useId();
  const add = async (proof: Proof, entries: FormData) => {
    const options = await api.waysIn.creationOptions(await api.access(), proof);
    const passkey = await makePasskey(options);
    const name = String(entries.get('passkey-name') ?? '').trim() || defaultName;
    await api.waysIn.addPasskey(await api.access(), { name, passkey });
    setAdding(false);
    setSaid(texts.passkeyAdded);
    reload();
  };
  const defaultName = texts.passkeyDefault(deviceName(navigator.userAgent)).slice(0, 64);
  const changed = (news: string) => {
    setSaid(news);
    reload();
  };
  return (
    <Section title={texts.passkeys} lead={texts.passkeysLead} said={said}>
      {passkeys.length === 0 ? (
        <p>{texts.passkeysNone}</p>
      ) : (
        <ul class="account-list">
          {passkeys.map((each) => (
            <PasskeyRow
              key={each.passkey}
              api={api}
              passkey={each}
              used={
                each.lastUsedAt === null
                  ? texts.passkeyUnused(each.domain)
                  : texts.passkeyUse(each.domain, timeAgo(each.lastUsedAt, words))
              }
              onChange={changed}
            />
          ))}
        </ul>
      )}
      {!passkeysWork() && <p class="note">{texts.passkeysCannot}</p>}
      {isAdding ? (
        <ProofForm
          api={api}
          submit={texts.addPasskey}
          hasPasskeys={passkeys.length > 0}
          act={add}
          onCancel={() => setAdding(false)}
        >
          <TextField
            id={`${id}-name`}
            name="passkey-name"
            label={texts.passkeyName}
            hint={undefined}
            value={defaultName}
          />
        </ProofForm>
      ) : (
        passkeysWork() && (
          <div class="account-actions">
            <button
              type="button"
              class="button primary"
              onClick={() => {
                setSaid('');
                setAdding(true);
              }}
            >
              {texts.addPasskey}
            </button>
          </div>
        )
      )}
    </Section>
  );
}
