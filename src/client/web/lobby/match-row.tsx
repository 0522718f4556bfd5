import type { JSX } from 'preact';
import type { MatchListItem, Seat } from '../../../protocol/player-messages.ts';
import { findWebGame } from '../games/index.ts';
import { timeAgo } from '../parts/time-ago.ts';
import { formatRoute } from '../routing/route.ts';
import { useWords } from '../words/use-words.ts';
import type { Words } from '../words/words.ts';

export interface MatchRowProps {
  readonly item: MatchListItem;
  /** Takes the free seat. Absent where there is none to take. */
  readonly onJoin?: (() => void) | undefined;
}

/** One match in a list: who, how it stands, and the one thing to do about it. */
export function MatchRow({ item, onJoin }: MatchRowProps): JSX.Element {
  const words = useWords();
  const game = findWebGame(item.game);
  const badge = badgeOf(item, words);
  const who = whoIn(item, words);
  const when = timeAgo(item.updatedAt, words);
  const does = actionOf(item, words);
  return (
    <li class="row">
      <span class="row-marks" aria-hidden="true">
        {item.seats.map(({ seat }) => (
          <span key={seat} data-seat={seat}>
            {game?.marks[seat] ?? '·'}
          </span>
        ))}
      </span>
      <span class="row-who">{who}</span>
      <span class="row-about">
        {badge && (
          <span class="badge" data-tone={badge.tone}>
            {badge.text}
          </span>
        )}
        <span>{when}</span>
      </span>
      {onJoin ? (
        <button
          type="button"
          class="button"
          aria-label={words.lobby.joinOf(opponent(item, words))}
          onClick={onJoin}
        >
          {words.lobby.join}
        </button>
      ) : (
        <a
          class="button"
          href={formatRoute({ at: 'match', which: { match: item.match } })}
          aria-label={does.full}
        >
          {does.short}
        </a>
      )}
    </li>
  );
}

function whoIn(item: MatchListItem, words: Words): string {
  // Of a match that one might join, the one who waits is all there is to tell.
  if (item.status === 'waiting' && item.seat === null) return opponent(item, words);
  const [one, other] = item.seats.map(({ seat, name }) => {
    if (name !== null && seat === item.seat) return words.match.youNamed(name);
    return nameIn(item, seat, words);
  });
  return words.lobby.versus(one ?? '', other ?? '');
}

function opponent(item: MatchListItem, words: Words): string {
  const them = item.seats.find(({ seat, name }) => seat !== item.seat && name !== null);
  return them === undefined ? words.lobby.nobody : nameIn(item, them.seat, words);
}

function nameIn({ seats }: MatchListItem, seat: Seat, words: Words): string {
  const { name, guest } = seats.find((each) => each.seat === seat) ?? {};
  if (name === undefined || name === null) return words.lobby.nobody;
  return guest ? words.match.guestNamed(name) : name;
}

function badgeOf(item: MatchListItem, words: Words): { text: string; tone: string } | undefined {
  const { lobby } = words;
  if (item.result) {
    if (item.result.kind === 'cancelled') return { text: lobby.cancelled, tone: 'plain' };
    if (item.result.kind === 'drawn') return { text: lobby.drawn, tone: 'plain' };
    const isWon = item.result.seat === item.seat;
    return { text: isWon ? lobby.won : lobby.lost, tone: isWon ? 'good' : 'plain' };
  }
  if (item.seat === null) return undefined;
  if (item.status === 'waiting') return { text: lobby.waitingForPlayer, tone: 'plain' };
  return item.turn === item.seat
    ? { text: lobby.yourTurn, tone: 'good' }
    : { text: lobby.theirTurn, tone: 'plain' };
}

function actionOf(item: MatchListItem, words: Words): { short: string; full: string } {
  const { lobby } = words;
  if (item.status === 'over') return { short: lobby.replay, full: lobby.replayOf(opponent(item, words)) };
  if (item.seat !== null) return { short: lobby.resume, full: lobby.resumeOf(opponent(item, words)) };
  return { short: lobby.watch, full: lobby.watchOf(whoIn(item, words)) };
}
