import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type ClosingCode, closings } from '../../protocol/closings.ts';
import { playPath } from '../../protocol/player-messages.ts';
import type { ClientError } from '../client-error.ts';
import { Connection } from '../connection.ts';
import { OpponentSearch } from './lobby/opponent-search.ts';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { Loading } from './parts/loading.tsx';
import { WhenLoaded } from './parts/when-loaded.tsx';
import type { Route } from './routing/route.ts';
import { goTo } from './routing/use-route.ts';
import { JoinScreen } from './screens/join-screen.tsx';
import { LobbyScreen } from './screens/lobby-screen.tsx';
import { MatchScreen } from './screens/match-screen.tsx';
import type { BrowserSession } from './session/browser-session.ts';
import { useCell } from './state/use-cell.ts';
import { en } from './words/en.ts';
import { explain } from './words/explain.ts';
import { useWords } from './words/use-words.ts';

const loadAccount = async () => (await import('./account/account-screen.tsx')).AccountScreen;
const loadTerminal = async () => (await import('./account/terminal-screen.tsx')).TerminalScreen;

export interface SignedInProps {
  readonly session: BrowserSession;
  readonly route: Route;
}

/** Everything behind the sign-in, over one connection for as long as the session lasts. */
export function SignedIn({ session, route }: SignedInProps): JSX.Element {
  const [parts, setParts] = useState<{ connection: Connection; search: OpponentSearch }>();
  useEffect(() => {
    const connection = new Connection({ url: `wss://${location.host}${playPath}`, tokens: session });
    const search = new OpponentSearch({
      connection,
      onFound: (match) => goTo({ at: 'match', which: { match } }),
    });
    setParts({ connection, search });
    return () => {
      search.stop();
      connection.close();
    };
  }, [session]);
  return parts ? <Screens {...parts} session={session} route={route} /> : <Loading />;
}

/** The close code's name when it ends the session, rather than only this connection. */
function endingOf({ code, closeCode }: ClientError): ClosingCode | undefined {
  const names = Object.keys(closings) as ClosingCode[];
  const name = names.find((each) => closings[each].code === closeCode);
  if (name !== undefined && name in en.endings) return name;
  return code === 'signed_out' ? 'session_ended' : undefined;
}

interface ScreensProps extends SignedInProps {
  readonly connection: Connection;
  readonly search: OpponentSearch;
}

function Screens({ connection, search, session, route }: ScreensProps): JSX.Element {
  const words = useWords();
  const state = useCell(connection.state);
  const error = state.phase === 'closed' ? state.error : undefined;
  useEffect(() => {
    const ending = error && endingOf(error);
    if (ending) session.ended(ending);
  }, [error, session]);
  if (error) {
    return (
      <section class="card centred" role="alert">
        <p>{explain(error, words)}</p>
        <button type="button" class="button primary" onClick={() => location.reload()}>
          {words.shell.reload}
        </button>
      </section>
    );
  }
  return (
    <>
      <ConnectionBanner connection={connection} />
      {route.at === 'lobby' && <LobbyScreen connection={connection} search={search} />}
      {route.at === 'join' && <JoinScreen key={route.code} connection={connection} code={route.code} />}
      {route.at === 'match' && <MatchScreen connection={connection} route={route} />}
      {route.at === 'account' && <WhenLoaded load={loadAccount} props={{ session }} />}
      {route.at === 'terminal' && <WhenLoaded load={loadTerminal} props={{ session, code: route.code }} />}
    </>
  );
}
