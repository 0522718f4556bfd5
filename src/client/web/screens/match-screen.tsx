import type { JSX } from 'preact';
import type { Connection } from '../../connection.ts';
import { MatchView } from '../match/match-view.tsx';
import { useMatch } from '../match/use-match.ts';
import { Loading } from '../parts/loading.tsx';
import { formatRoute, type MatchRoute } from '../routing/route.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';

export interface MatchScreenProps {
  readonly connection: Connection;
  readonly route: MatchRoute;
}

export function MatchScreen({ connection, route }: MatchScreenProps): JSX.Element {
  const words = useWords();
  const loading = useMatch(connection, route.which);
  switch (loading.phase) {
    case 'loading':
      return <Loading />;
    case 'failed':
      return (
        <section class="card centred" role="alert">
          <p>{explain(loading.error, words)}</p>
          <p class="buttons">
            <button type="button" class="button" onClick={loading.retry}>
              {words.shell.tryAgain}
            </button>
            <a class="button" href={formatRoute({ at: 'lobby' })}>
              {words.shell.backToLobby}
            </a>
          </p>
        </section>
      );
    case 'ready':
      return <MatchView key={loading.match.id} match={loading.match} connection={connection} route={route} />;
  }
}
