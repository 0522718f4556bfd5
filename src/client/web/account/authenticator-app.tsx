import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { TotpSecret } from '../../ways-in-client.ts';
import { QrCode } from '../match/qr-code.tsx';
import { TextField } from '../sign-in/text-field.tsx';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { ProofForm } from './proof-form.tsx';
import { SaveOrCancel } from './save-or-cancel.tsx';
import { Section } from './section.tsx';

export interface AuthenticatorAppProps {
  readonly api: AccountApi;
  readonly isOn: boolean;
  readonly hasPasskeys: boolean;
  reload(): void;
}

/** The second factor: off, being set up, or on. */
export function AuthenticatorApp({ api, isOn, hasPasskeys, reload }: AuthenticatorAppProps): JSX.Element {
  const { account: texts } = useWords();
  const [isAsking, setAsking] = useState(false);
  const [secret, setSecret] = useState<TotpSecret>();
  const [said, setSaid] = useState('');
  const done = (news: string) => {
    setAsking(false);
    setSecret(undefined);
    setSaid(news);
    reload();
  };
  const turnOff = async (proof: Parameters<typeof api.waysIn.disableTotp>[1]) => {
    await api.waysIn.disableTotp(await api.access(), proof);
    done(texts.totpIsOff);
  };
  const enrol = async (proof: Parameters<typeof api.waysIn.enrolTotp>[1]) => {
    setSecret(await api.waysIn.enrolTotp(await api.access(), proof));
    setAsking(false);
  };
  return (
    <Section title={texts.totp} lead={isOn ? texts.totpOn : texts.totpOff} said={said}>
      {secret && (
        <Confirm
          secret={secret}
          confirm={async (code) => {
            await api.waysIn.confirmTotp(await api.access(), code);
            done(texts.totpIsOn);
          }}
          onCancel={() => setSecret(undefined)}
        />
      )}
      {isAsking && (
        <ProofForm
          api={api}
          submit={isOn ? texts.totpTurnOff : texts.totpTurnOn}
          isDangerous={isOn}
          hasPasskeys={hasPasskeys}
          act={isOn ? turnOff : enrol}
          onCancel={() => setAsking(false)}
        />
      )}
      {!isAsking && !secret && (
        <div class="account-actions">
          <button
            type="button"
            class="button"
            onClick={() => {
              setSaid('');
              setAsking(true);
            }}
          >
            {isOn ? texts.totpTurnOff : texts.totpTurnOn}
          </button>
        </div>
      )}
    </Section>
  );
}

interface ConfirmProps {
  readonly secret: TotpSecret;
  confirm(code: string): Promise<void>;
  onCancel(): void;
}

function Confirm({ secret: { secret, uri }, confirm, onCancel }: ConfirmProps): JSX.Element {
  const words = useWords();
  const { account: texts, signIn } = words;
  const [problem, setProblem] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const focus = () => (form.current?.elements.namedItem('code') as HTMLElement | null)?.focus();
  useEffect(() => focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (form.current === null) return;
    const code = String(new FormData(form.current).get('code') ?? '').trim();
    setProblem(code === '' ? signIn.codeMissing : '');
    try {
      if (code !== '') await confirm(code);
    } catch (error) {
      setProblem(explain(error, words));
    }
    focus();
  };
  return (
    <form ref={form} class="form proof" noValidate onSubmit={(event) => void submit(event)}>
      <p>{texts.totpScan}</p>
      <QrCode text={uri} label={texts.totpQr} />
      <p class="account-secret" translate={false}>
        <span class="unseen">{texts.totpSecret}: </span>
        {secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}
      </p>
      <TextField
        id={`${id}-code`}
        name="code"
        label={texts.totpConfirm}
        hint={undefined}
        autoComplete="one-time-code"
      />
      <SaveOrCancel problem={problem} submit={texts.totpConfirmGo} onCancel={onCancel} />
    </form>
  );
}
