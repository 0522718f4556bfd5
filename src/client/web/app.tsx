import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Header } from './parts/header.tsx';
import { Loading } from './parts/loading.tsx';
import { useKeptFocus } from './parts/use-kept-focus.ts';
import { ShownContext } from './parts/use-page-title.ts';
import { placeOf, type Route } from './routing/route.ts';
import { goTo, useRoute } from './routing/use-route.ts';
import { KeepScreen } from './screens/keep-screen.tsx';
import { RecoveryCodesScreen } from './screens/recovery-codes-screen.tsx';
import { SignInScreen } from './screens/sign-in-screen.tsx';
import type { BrowserSession } from './session/browser-session.ts';
import { SignedIn } from './signed-in.tsx';
import { useCell } from './state/use-cell.ts';
import { explain } from './words/explain.ts';
import { useWords } from './words/use-words.ts';

const lobby: Route = { at: 'lobby' };

/** The whole page: who is signed in decides what there is to see. */
export function App({ session }: { readonly session: BrowserSession }): JSX.Element {
  const words = useWords();
  const state = useCell(session.state);
  const codes = useCell(session.recoveryCodes);
  const route = useRoute();
  const [problem, setProblem] = useState('');
  const [isKeeping, setKeeping] = useState(false);
  const isGuest = state.phase === 'signed-in' && state.isGuest;
  // A guest has no account yet to look after, or to let a terminal into; the way to it is to keep this one.
  const needsAccount = isGuest && (route.at === 'account' || route.at === 'terminal');
  const keeps = needsAccount || (isGuest && isKeeping);
  const cover = codes.length > 0 ? 'codes' : keeps ? 'keep' : undefined;
  const main = useRef<HTMLElement>(null);
  const opened = useRef('');
  if (state.phase === 'signed-in' && cover !== 'codes') opened.current = state.session;
  useFocusOnArrival(main, `${state.phase}/${cover ?? placeOf(route)}`);
  useKeptFocus(main);

  const signOut = () => {
    setProblem('');
    session.signOut().catch((error: unknown) => setProblem(explain(error, words)));
  };
  const keepLater = () => {
    setKeeping(false);
    if (needsAccount) goTo(lobby);
  };
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {words.skipToContent}
      </button>
      <Header
        name={state.phase === 'signed-in' ? state.name : undefined}
        isGuest={isGuest}
        onSignOut={signOut}
        onKeep={() => setKeeping(true)}
        problem={problem}
      />
      <main id="main" ref={main} tabIndex={-1}>
        {state.phase === 'unknown' &&
          (state.error === undefined ? (
            <Loading />
          ) : (
            <section class="card centred" role="alert">
              <p>{explain(state.error, words)}</p>
              <button type="button" class="button primary" onClick={() => void session.restore()}>
                {words.shell.tryAgain}
              </button>
            </section>
          ))}
        {state.phase === 'signed-out' && (
          <SignInScreen session={session} ended={state.ended} waiting={waitingBehind(route)} />
        )}
        {state.phase === 'signed-in' && (
          <>
            {/* What is open is covered and not taken away, so that a match stays connected; nothing opens under a cover. */}
            {(cover !== 'codes' || opened.current === state.session) && (
              <div hidden={cover !== undefined}>
                <ShownContext.Provider value={cover === undefined}>
                  <SignedIn key={state.session} session={session} route={needsAccount ? lobby : route} />
                </ShownContext.Provider>
              </div>
            )}
            {cover === 'codes' && (
              <RecoveryCodesScreen codes={codes} onKept={() => session.recoveryCodesKept()} />
            )}
            {cover === 'keep' && (
              <KeepScreen
                session={session}
                name={state.name}
                terminalWaits={route.at === 'terminal'}
                onLater={keepLater}
              />
            )}
          </>
        )}
      </main>
    </>
  );
}

function waitingBehind({ at }: Route): 'match' | 'terminal' | undefined {
  if (at === 'terminal') return 'terminal';
  return at === 'join' || at === 'match' ? 'match' : undefined;
}

/** Moves the focus to the new screen, so that the keyboard and a screen reader go along. Not on the first one. */
function useFocusOnArrival(main: { readonly current: HTMLElement | null }, place: string): void {
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    const isFirst = before.current.startsWith('unknown/');
    before.current = place;
    if (isFirst) return;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [place]);
}
