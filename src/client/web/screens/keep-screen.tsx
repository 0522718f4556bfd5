import type { JSX } from 'preact';
import { usePageTitle } from '../parts/use-page-title.ts';
import type { BrowserSession } from '../session/browser-session.ts';
import { AccountForm } from '../sign-in/account-form.tsx';
import { useWords } from '../words/use-words.ts';

export interface KeepScreenProps {
  readonly session: BrowserSession;
  /** The guest's name now. */
  readonly name: string;
  /** One is let into accounts only, which is why this is asked. */
  readonly terminalWaits: boolean;
  onLater(): void;
}

/** Makes an account of a guest, who goes on with what was open. */
export function KeepScreen({ session, name, terminalWaits, onLater }: KeepScreenProps): JSX.Element {
  const { keep } = useWords();
  usePageTitle(keep.title);
  return (
    <section class="card centred">
      <h1>{keep.title}</h1>
      {terminalWaits && <p class="note">{keep.terminalWaits}</p>}
      <p class="lead">{keep.lead(name)}</p>
      <AccountForm mode="keep" session={session} />
      <button type="button" class="quiet" onClick={onLater}>
        {keep.later}
      </button>
    </section>
  );
}
