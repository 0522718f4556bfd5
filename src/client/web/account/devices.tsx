import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ListedSession } from '../../auth-client.ts';
import { isRefusal } from '../../client-error.ts';
import { Alert } from '../parts/alert.tsx';
import { timeAgo } from '../parts/time-ago.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import type { AccountApi } from './account-api.ts';
import { Section } from './section.tsx';
import { useLoaded } from './use-loaded.ts';

/** Where one is signed in, each to be signed out: its page closes within a second. */
export function Devices({ api }: { readonly api: AccountApi }): JSX.Element {
  const words = useWords();
  const texts = words.account;
  const {
    value: sessions = [],
    error,
    reload,
  } = useLoaded(async () => await api.auth.sessions(await api.access()));
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState('');
  const end = async (work: () => Promise<void>, news: string) => {
    setSaid('');
    setProblem('');
    try {
      await work();
      setSaid(news);
      reload();
    } catch (failure) {
      setProblem(explain(failure, words));
    }
  };
  const nameOf = ({ device }: ListedSession) => device ?? texts.unnamedDevice;
  const endOne = (each: ListedSession) =>
    void end(
      async () => {
        try {
          await api.auth.endSession(await api.access(), each.session);
        } catch (failure) {
          // Pressed twice, or ended elsewhere meanwhile: what was wanted is so.
          if (!isRefusal(failure, 'session_unknown')) throw failure;
        }
      },
      texts.signedOut(nameOf(each)),
    );
  const endOthers = () =>
    void end(async () => await api.auth.logout(await api.access(), 'others'), texts.othersSignedOut);
  return (
    <Section title={texts.devices} lead={texts.devicesLead} said={said}>
      <ul class="account-list">
        {sessions.map((each) => (
          <li key={each.session}>
            <div>
              <bdi class="account-name">{nameOf(each)}</bdi>{' '}
              {each.current && (
                <span class="badge" data-tone="good">
                  {texts.thisDevice}
                </span>
              )}
              <p class="hint">
                {[texts.lastSeen(timeAgo(each.lastSeenAt, words)), each.address].filter(Boolean).join(' · ')}
              </p>
            </div>
            {!each.current && (
              <button
                type="button"
                class="button"
                aria-label={texts.signOutDevice(nameOf(each))}
                onClick={() => endOne(each)}
              >
                {texts.signOutShort}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Alert>{problem || (error === undefined ? '' : explain(error, words))}</Alert>
      {sessions.length > 1 && (
        <div class="account-actions">
          <button type="button" class="button" onClick={endOthers}>
            {texts.signOutOthers}
          </button>
        </div>
      )}
    </Section>
  );
}
