import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Loading } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import type { BrowserSession } from '../session/browser-session.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import { accountApi } from './account-api.ts';
import { AccountDeletion } from './account-deletion.tsx';
import { AuthenticatorApp } from './authenticator-app.tsx';
import { Devices } from './devices.tsx';
import { Passkeys } from './passkeys.tsx';
import { PasswordChange } from './password-change.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { useLoaded } from './use-loaded.ts';
import './account.css';

/** How one gets in, and where one is. Loaded when it is first opened: nobody needs it to play. */
export function AccountScreen({ session }: { readonly session: BrowserSession }): JSX.Element {
  const words = useWords();
  const texts = words.account;
  usePageTitle(texts.title);
  const api = useMemo(() => accountApi(session), [session]);
  const { value, error, reload } = useLoaded(async () => {
    const access = await api.access();
    const [passkeys, factor] = await Promise.all([
      api.waysIn.passkeys(access),
      api.waysIn.secondFactor(access),
    ]);
    return { passkeys, ...factor };
  });
  // The list of devices is drawn anew when something else has signed some of them out.
  const [devices, setDevices] = useState(0);
  if (value === undefined) {
    if (error === undefined) return <Loading />;
    return (
      <section class="card centred" role="alert">
        <p>
          {texts.loadFailed} {explain(error, words)}
        </p>
        <button type="button" class="button primary" onClick={reload}>
          {words.shell.tryAgain}
        </button>
      </section>
    );
  }
  const hasPasskeys = value.passkeys.length > 0;
  return (
    <div class="account">
      <h1>{texts.title}</h1>
      <Devices key={devices} api={api} />
      <Passkeys api={api} passkeys={value.passkeys} reload={reload} />
      <AuthenticatorApp api={api} isOn={value.totp} hasPasskeys={hasPasskeys} reload={reload} />
      <PasswordChange
        api={api}
        hasPasskeys={hasPasskeys}
        onChange={() => setDevices((before) => before + 1)}
      />
      <RecoveryCodes api={api} left={value.recoveryCodes} hasPasskeys={hasPasskeys} />
      <AccountDeletion api={api} hasPasskeys={hasPasskeys} />
    </div>
  );
}
