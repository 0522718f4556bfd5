import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ClosingCode } from '../../../protocol/closings.ts';
import { usePageTitle } from '../parts/use-page-title.ts';
import type { BrowserSession } from '../session/browser-session.ts';
import { AccountForm, type Mode } from '../sign-in/account-form.tsx';
import { GuestButton } from '../sign-in/guest-button.tsx';
import { SignInPicture } from '../sign-in/picture.tsx';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

export interface SignInScreenProps {
  readonly session: BrowserSession;
  /** Why the last session ended, when it was not by the person's wish. */
  readonly ended: ClosingCode | undefined;
  /** What waits behind this screen. */
  readonly waiting: 'match' | 'terminal' | undefined;
}

export function SignInScreen({ session, ended, waiting }: SignInScreenProps): JSX.Element {
  const words = useWords();
  const texts = words.signIn;
  const [mode, setMode] = useState<Mode>('sign-in');
  usePageTitle(texts.submit[mode]);
  return (
    <div class="welcome">
      <section class="welcome-words">
        <h1>{texts.title}</h1>
        <p class="lead">{texts.lead}</p>
        <SignInPicture />
        <ul class="points">
          {texts.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
      </section>
      <section class="card welcome-form">
        {ended && <p class="note">{endingOf(ended, words)}</p>}
        {waiting && <p class="note">{waiting === 'match' ? texts.invited : texts.terminalWaits}</p>}
        <fieldset class="switch">
          <legend class="unseen">{texts.modes}</legend>
          <ModeChoice mode="sign-in" chosen={mode} label={texts.submit['sign-in']} choose={setMode} />
          <ModeChoice mode="register" chosen={mode} label={texts.submit.register} choose={setMode} />
        </fieldset>
        {mode === 'recover' && <h2>{texts.recoverTitle}</h2>}
        <AccountForm key={mode} mode={mode} session={session} />
        {mode !== 'recover' && <GuestButton session={session} />}
        {mode === 'sign-in' && (
          <button type="button" class="quiet" onClick={() => setMode('recover')}>
            {texts.forgotten}
          </button>
        )}
      </section>
    </div>
  );
}

function endingOf(ended: ClosingCode, { endings }: Words): string {
  return ended in endings ? endings[ended as keyof typeof endings] : endings.session_ended;
}

interface ModeChoiceProps {
  readonly mode: Mode;
  readonly chosen: Mode;
  readonly label: string;
  choose(mode: Mode): void;
}

function ModeChoice({ mode, chosen, label, choose }: ModeChoiceProps): JSX.Element {
  return (
    <label>
      <input type="radio" name="mode" checked={mode === chosen} onChange={() => choose(mode)} />
      <span>{label}</span>
    </label>
  );
}
