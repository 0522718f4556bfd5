import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Connection } from '../../connection.ts';
import type { Match } from '../../match.ts';
import { findWebGame } from '../games/index.ts';
import { Alert } from '../parts/alert.tsx';
import { usePageTitle } from '../parts/use-page-title.ts';
import { formatRoute, type MatchReference, type MatchRoute } from '../routing/route.ts';
import { goTo, showAddress } from '../routing/use-route.ts';
import { useCell } from '../state/use-cell.ts';
import { useEntries } from '../state/use-entries.ts';
import { explain } from '../words/explain.ts';
import { useWords } from '../words/use-words.ts';
import { Announcer } from './announcer.tsx';
import { headlineOf, nameOf } from './headline.ts';
import { InvitePanel } from './invite-panel.tsx';
import { MatchActions } from './match-actions.tsx';
import { MoveList } from './move-list.tsx';
import { Scrubber } from './scrubber.tsx';
import { SeatPlate } from './seat-plate.tsx';
import { stepsOf } from './steps.ts';

export interface MatchViewProps {
  readonly match: Match;
  readonly connection: Connection;
  /** What the address asks for; another one each time that somebody goes to an address. */
  readonly route: MatchRoute;
}

/** One match on the screen: waiting, being played, watched or looked through afterwards. */
export function MatchView({ match, connection, route }: MatchViewProps): JSX.Element {
  const words = useWords();
  const texts = words.match;
  const steps = stepsOf(useEntries(match.updates));
  const standing = useCell(match.standing);
  const presence = useCell(match.presence);
  const { state, seat } = match;
  const [problem, setProblem] = useState('');
  const [pending, setPending] = useState<{ readonly seat: number; readonly move: unknown }>();
  /** The position looked at; `undefined` is the present, whatever comes. */
  const [looking, setLooking] = useState(() => within(route.move, steps.length - 1));

  const game = findWebGame(state.game);
  const last = steps.length - 1;
  const shown = Math.min(looking ?? last, last);
  const step = steps[shown];
  const isPresent = shown === last;
  const isOver = state.status === 'over';
  const headline = headlineOf(state, { seat, words });
  const title = game?.title(words) ?? state.game;
  const isMine = seat !== null && state.turn === seat && !isOver;
  usePageTitle(isMine ? texts.yourMove : title, { urgent: isMine });

  // A private match is told of by its code, since its id alone opens nothing for others.
  const isPrivate = state.visibility === 'private' && match.code !== undefined;
  const which: MatchReference = isPrivate ? { code: match.code } : { match: match.id };
  const look = (move: number | undefined) => {
    const next = move !== undefined && move >= last ? undefined : move;
    setLooking(next);
    const address = isOver ? which : { match: match.id };
    showAddress({ at: 'match', which: address, ...(next !== undefined && { move: next }) });
  };
  // Only when it is agreed now: whoever looks through an old match stays in it.
  useEffect(
    () =>
      match.updates.subscribe((update) => {
        if (update.kind !== 'event' || update.event.type !== 'rematchAgreed' || seat === null) return;
        goTo({ at: 'match', which: { match: update.event.next } });
      }),
    [match, seat],
  );
  useEffect(() => setProblem(''), [state.seq]);
  useEffect(() => setLooking(within(route.move, last)), [route]);

  const run = async (work: () => Promise<unknown>) => {
    setProblem('');
    try {
      await work();
    } catch (error) {
      setProblem(explain(error, words));
    }
  };
  const play = (move: unknown) => {
    if (seat === null) return;
    setPending({ seat, move });
    void run(() => match.move(move)).finally(() => setPending(undefined));
  };

  if (state.status === 'waiting') {
    return (
      <InvitePanel match={match} connection={connection} gameTitle={title} run={run} problem={problem} />
    );
  }
  const chooser = isMine && isPresent && standing.phase !== 'lost' ? seat : undefined;
  return (
    <div class="match" data-over={isOver || undefined}>
      <h1 class="unseen">{headingOf(match, words)}</h1>
      <div class="plates">
        {platesOf(match).map((each) => (
          <SeatPlate
            key={each}
            name={nameOf(state, each, words)}
            seat={each}
            mark={game?.marks[each] ?? ''}
            isReader={each === seat}
            isTurn={state.turn === each && !isOver}
            isWinner={state.result?.kind === 'won' && state.result.seat === each}
            isOnline={isOver ? undefined : presence.online?.includes(each)}
          />
        ))}
      </div>
      <div class="status" data-tone={headline.tone}>
        <p class="headline">{pending ? texts.sending : headline.text}</p>
        {headline.reason && <p class="reason">{headline.reason}</p>}
        {seat === null && <p class="badge">{texts.watching}</p>}
        {standing.phase === 'resuming' && <p class="hint">{words.connection.resuming}</p>}
      </div>
      <div class="board-frame" data-earlier={!isPresent || undefined}>
        {game && step && (
          <game.Board
            position={game.readPosition(step.state)}
            lastMove={step.moved?.move}
            {...(chooser !== undefined && { chooser })}
            {...(pending && isPresent && { pending })}
            onMove={play}
          />
        )}
      </div>
      <div class="side">
        {standing.phase === 'lost' && <p class="note">{texts.lostMatch}</p>}
        <Alert>{problem}</Alert>
        {!isPresent && !isOver && (
          <p class="note">
            {texts.earlier}{' '}
            <button type="button" class="link" onClick={() => look(undefined)}>
              {texts.toNow}
            </button>
          </p>
        )}
        {seat !== null && <MatchActions match={match} run={run} />}
        <MoveList steps={steps} shown={shown} state={state} game={game} look={look} />
        {isOver && last > 0 && (
          <Scrubber
            shown={shown}
            last={last}
            look={look}
            address={() => new URL(formatRoute({ at: 'match', which, move: shown }), location.href).href}
          />
        )}
        <p>
          <a href={formatRoute({ at: 'lobby' })}>{words.shell.backToLobby}</a>
        </p>
      </div>
      <Announcer match={match} game={game} />
    </div>
  );
}

/** A reader with a seat finds their own plate first. */
function platesOf({ state, seat }: Match): readonly number[] {
  const seats = state.seats.map((each) => each.seat);
  return seat === null ? seats : [seat, ...seats.filter((each) => each !== seat)];
}

function headingOf({ state, seat }: Match, words: ReturnType<typeof useWords>): string {
  const [one, other] = state.seats.map((each) => nameOf(state, each.seat, words));
  if (seat === null) return words.match.between(one ?? '', other ?? '');
  return words.match.against(seat === 0 ? (other ?? '') : (one ?? ''));
}

function within(move: number | undefined, last: number): number | undefined {
  return move !== undefined && move < last ? move : undefined;
}
