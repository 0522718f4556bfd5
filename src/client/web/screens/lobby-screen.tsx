import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MatchListItem, Visibility } from '../../../protocol/player-messages.ts';
import type { Connection } from '../../connection.ts';
import { webGames } from '../games/index.ts';
import { CodeField } from '../lobby/code-field.tsx';
import { MatchRow } from '../lobby/match-row.tsx';
import type { OpponentSearch } from '../lobby/opponent-search.ts';
import { QuickMatch } from '../lobby/quick-match.tsx';
import { useMatchLists } from '../lobby/use-match-lists.ts';
import { Alert } from '../parts/alert.tsx';
import { Loading } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { goTo } from '../routing/use-route.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';

export interface LobbyScreenProps {
  readonly connection: Connection;
  readonly search: OpponentSearch;
}

/** Milliseconds that opening or joining a match may take before it is given up with a word. */
const patienceMs = 15_000;

export function LobbyScreen({ connection, search }: LobbyScreenProps): JSX.Element {
  const words = useWords();
  const { lobby } = words;
  usePageTitle(lobby.title);
  const { lists, isStale } = useMatchLists(connection);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [game] = webGames;

  const enter = async (open: () => Promise<{ readonly id: string }>) => {
    if (isBusy) return;
    setBusy(true);
    setProblem('');
    try {
      const { id } = await open();
      search.stop();
      goTo({ at: 'match', which: { match: id } });
    } catch (error) {
      setProblem(explain(error, words));
    } finally {
      setBusy(false);
    }
  };
  const create = (visibility: Visibility) => {
    if (game) void enter(() => connection.createMatch({ game: game.game, visibility }, { patienceMs }));
  };
  const join = ({ match }: MatchListItem) =>
    void enter(() => connection.joinMatch({ match }, { patienceMs }));

  const mine = lists?.mine.filter(({ status }) => status !== 'over') ?? [];
  const finished = lists?.mine.filter(({ status }) => status === 'over') ?? [];
  const open = lists?.open.filter(({ seat }) => seat === null) ?? [];
  const live = lists?.live.filter(({ seat }) => seat === null) ?? [];

  return (
    <div class="lobby">
      <section class="card start" aria-labelledby="start-title">
        <h1 id="start-title">{game?.title(words)}</h1>
        <p class="lead">{game?.rule(words)}</p>
        {game && <QuickMatch search={search} game={game} />}
        <div class="start-others">
          <button type="button" class="button tall" aria-disabled={isBusy} onClick={() => create('private')}>
            <strong>{lobby.invite}</strong>
            <small>{lobby.inviteLead}</small>
          </button>
          <button type="button" class="button tall" aria-disabled={isBusy} onClick={() => create('public')}>
            <strong>{lobby.openTable}</strong>
            <small>{lobby.openTableLead}</small>
          </button>
        </div>
        <Alert>{problem}</Alert>
        <CodeField />
      </section>
      <div class="lists">
        {lists === undefined && <Loading />}
        {lists && (
          <>
            <List title={lobby.mine} empty={lobby.mineEmpty}>
              {mine.map((item) => (
                <MatchRow key={item.match} item={item} />
              ))}
            </List>
            <List title={lobby.open} empty={lobby.openEmpty}>
              {open.map((item) => (
                <MatchRow key={item.match} item={item} onJoin={() => join(item)} />
              ))}
            </List>
            <List title={lobby.live} empty={lobby.liveEmpty}>
              {live.map((item) => (
                <MatchRow key={item.match} item={item} />
              ))}
            </List>
            {finished.length > 0 && (
              <List title={lobby.finished} empty="">
                {finished.map((item) => (
                  <MatchRow key={item.match} item={item} />
                ))}
              </List>
            )}
          </>
        )}
        <p class="hint" role="status">
          {isStale && lobby.listFailed}
        </p>
      </div>
    </div>
  );
}

interface ListProps {
  readonly title: string;
  readonly empty: string;
  readonly children: ComponentChildren[];
}

function List({ title, empty, children }: ListProps): JSX.Element {
  return (
    <section class="list">
      <h2>
        {title} {children.length > 0 && <span class="count">{children.length}</span>}
      </h2>
      {children.length > 0 ? <ul>{children}</ul> : <p class="empty">{empty}</p>}
    </section>
  );
}
