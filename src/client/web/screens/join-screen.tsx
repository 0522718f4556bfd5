import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Follow } from '../../../protocol/player-messages.ts';
import { isRefusal } from '../../client-error.ts';
import type { Connection } from '../../connection.ts';
import { findWebGame } from '../games/index.ts';
import { Alert } from '../parts/alert.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { formatRoute, type Route } from '../routing/route.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';

export interface JoinScreenProps {
  readonly connection: Connection;
  readonly code: string;
}

/** Milliseconds until an invitation that cannot be opened is given up with a word. */
const patienceMs = 20_000;

/** What an invitation link opens: who invites to what, and the free seat. */
export function JoinScreen({ connection, code }: JoinScreenProps): JSX.Element {
  const words = useWords();
  const { invitation } = words;
  const [look, setLook] = useState<Follow>();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [isFull, setFull] = useState(false);
  usePageTitle(invitation.accept);

  useEffect(() => {
    let isOver = false;
    connection.getMatch({ code }, { patienceMs }).then(
      (follow) => {
        if (isOver) return;
        // One's own match, or one that is over: there is nothing to accept.
        if (follow.seat !== null) enter({ match: follow.match });
        else if (follow.snapshot?.status === 'over') enter({ code });
        else setLook(follow);
      },
      (error: unknown) => {
        if (!isOver) setProblem(explain(error, words));
      },
    );
    return () => {
      isOver = true;
    };
  }, [connection, code, words]);

  const accept = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem('');
    try {
      const { id } = await connection.joinMatch({ code }, { patienceMs });
      enter({ match: id });
    } catch (error) {
      setBusy(false);
      if (isRefusal(error, 'match_full')) setFull(true);
      else setProblem(explain(error, words));
    }
  };

  if (look === undefined && problem === '') return <Loading />;
  const seats = look?.snapshot?.seats ?? [];
  const host = seats.find(({ name }) => name !== null)?.name ?? undefined;
  const hasSeat = !isFull && seats.some(({ name }) => name === null);
  const game = look && findWebGame(look.game);
  const title = game?.title(words) ?? look?.game ?? '';
  return (
    <section class="card centred invite">
      {look && (
        <>
          <h1>{host ? invitation.received(host, title) : invitation.receivedBySomeone(title)}</h1>
          <p class="lead">{hasSeat ? game?.rule(words) : invitation.full}</p>
          <p class="buttons">
            {hasSeat && (
              <button
                type="button"
                class="button primary big"
                aria-disabled={isBusy}
                onClick={() => void accept()}
              >
                {invitation.accept}
              </button>
            )}
            <a class="button big" href={formatRoute({ at: 'match', which: { code } })}>
              {invitation.onlyWatch}
            </a>
          </p>
        </>
      )}
      <Alert>{problem}</Alert>
      <a href={formatRoute({ at: 'lobby' })}>{words.shell.backToLobby}</a>
    </section>
  );
}

/** The invitation leaves the history: going back must not ask again. */
function enter(which: Extract<Route, { at: 'match' }>['which']): void {
  location.replace(formatRoute({ at: 'match', which }));
}
