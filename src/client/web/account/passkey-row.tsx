import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ListedPasskey } from '../../ways-in-client.ts';
import { TextField } from '../sign-in/text-field.tsx';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { ProofForm } from './proof-form.tsx';
import { SaveOrCancel } from './save-or-cancel.tsx';

export interface PasskeyRowProps {
  readonly api: AccountApi;
  readonly passkey: ListedPasskey;
  /** For what, and when last. */
  readonly used: string;
  /** It was changed; what to say about that. */
  onChange(news: string): void;
}

export function PasskeyRow({ api, passkey: listed, used, onChange }: PasskeyRowProps): JSX.Element {
  const { account: texts } = useWords();
  const [doing, setDoing] = useState<'rename' | 'remove'>();
  const { passkey, name, synced, suspectedAt } = listed;
  return (
    <li>
      <div>
        <bdi class="account-name">{name}</bdi> {synced && <span class="badge">{texts.passkeySynced}</span>}
        <p class="hint">{used}</p>
        {suspectedAt !== null && <p class="note">{texts.passkeySuspected}</p>}
      </div>
      {doing === undefined && (
        <div class="account-buttons">
          <button
            type="button"
            class="button"
            aria-label={texts.renameOf(name)}
            onClick={() => setDoing('rename')}
          >
            {texts.rename}
          </button>
          <button
            type="button"
            class="button"
            aria-label={texts.removeOf(name)}
            onClick={() => setDoing('remove')}
          >
            {texts.remove}
          </button>
        </div>
      )}
      {doing === 'rename' && (
        <RenameForm
          name={name}
          rename={async (next) => {
            await api.waysIn.renamePasskey(await api.access(), passkey, next);
            setDoing(undefined);
            onChange('');
          }}
          onCancel={() => setDoing(undefined)}
        />
      )}
      {doing === 'remove' && (
        <div class="account-ask">
          <p>{texts.removeSure(name)}</p>
          <ProofForm
            api={api}
            submit={texts.remove}
            isDangerous
            hasPasskeys
            act={async (proof) => {
              await api.waysIn.removePasskey(await api.access(), passkey, proof);
              onChange(texts.passkeyRemoved(name));
            }}
            onCancel={() => setDoing(undefined)}
          />
        </div>
      )}
    </li>
  );
}

interface RenameFormProps {
  readonly name: string;
  rename(next: string): Promise<void>;
  onCancel(): void;
}

function RenameForm({ name, rename, onCancel }: RenameFormProps): JSX.Element {
  const words = useWords();
  const texts = words.account;
  const [problem, setProblem] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const next = String(new FormData(form).get('passkey-name') ?? '').trim();
    try {
      await rename(next === '' ? name : next);
    } catch (error) {
      setProblem(explain(error, words));
    }
  };
  return (
    <form ref={form} class="form proof" noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        id={`${id}-name`}
        name="passkey-name"
        label={texts.passkeyName}
        hint={undefined}
        value={name}
      />
      <SaveOrCancel problem={problem} submit={texts.save} onCancel={onCancel} />
    </form>
  );
}
