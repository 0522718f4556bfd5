import { printable } from '../../../process/printable.ts';
import type { Seat } from '../../../protocol/player-messages.ts';
import type { Paint, TerminalGame } from '../../games/index.ts';
import type { MatchPresence } from '../../match.ts';
import type { MatchState } from '../../match-state.ts';
import { type ConnectionNotice, noticeTexts } from './connection-notices.ts';
import { describeReason, nameOfSeat, outcomeFor } from './outcome.ts';
import { wrapText } from './screen.ts';

/** Everything that the picture of a match depends on. */
export interface MatchView {
  readonly state: MatchState;
  /** Your seat, or null while watching. */
  readonly seat: Seat | null;
  readonly code: string | undefined;
  readonly presence: MatchPresence;
  readonly cursor: unknown;
  /** What troubles the connection; undefined when nothing does. */
  readonly trouble: Extract<ConnectionNotice, 'lost' | 'away'> | undefined;
  /** The last thing to say: a refusal, the opponent's move, "back". */
  readonly message: { readonly text: string; readonly tone: 'plain' | 'good' | 'bad' } | undefined;
  /** A command of ours is on its way. */
  readonly sending: boolean;
  readonly confirming: 'resign' | undefined;
}

/** The widest line; a terminal of 40 columns shows everything. */
const width = 38;

/** The picture of a match as lines, without knowing of a terminal. */
export function drawMatch(
  view: MatchView,
  { game, paint }: { readonly game: TerminalGame; readonly paint: Paint },
): string[] {
  const { state } = view;
  const position = game.readPosition(state.state);
  const cursor = mayChoose(view) ? view.cursor : undefined;
  return [
    ` ${paint.bold(game.game)}${view.seat === null ? paint.dim('  watching') : ''}`,
    ...state.seats.map(({ seat }) => ` ${drawPlayer(seat, view, { game, paint })}`),
    '',
    ...game.draw({ position, cursor, paint }),
    '',
    ...indent(drawHeadline(view, { game, paint })),
    ...indent(drawMessage(view, paint)),
    ` ${drawConnection(view, paint)}`,
    ` ${paint.dim(drawKeys(view))}`,
  ];
}

/** Whether the player may choose a move now. */
export function mayChoose({ state, seat, sending, confirming }: MatchView): boolean {
  return (
    state.status === 'playing' && seat !== null && state.turn === seat && !sending && confirming === undefined
  );
}

function drawPlayer(
  seat: Seat,
  { state, seat: own, presence }: MatchView,
  { game, paint }: { readonly game: TerminalGame; readonly paint: Paint },
): string {
  const mark = paint.seat(seat, game.marks[seat] ?? String(seat));
  const name = nameOfSeat(state, seat);
  const onTurn = state.turn === seat ? paint.bold(name) : name;
  if (seat === own) return `${mark} ${onTurn} ${paint.dim('(you)')}`;
  const isKnown =
    presence.online !== undefined && state.seats.some((each) => each.seat === seat && each.name !== null);
  if (!isKnown) return `${mark} ${onTurn}`;
  return `${mark} ${onTurn} ${presence.online?.includes(seat) ? paint.dim('(here)') : paint.warn('(away)')}`;
}

function drawHeadline(
  view: MatchView,
  { game, paint }: { readonly game: TerminalGame; readonly paint: Paint },
): string[] {
  const { state, seat, sending, confirming, code } = view;
  if (confirming === 'resign') return [paint.warn('Resign this match? y or n')];
  switch (state.status) {
    case 'waiting': {
      if (code === undefined) return ['Waiting for an opponent...'];
      const hint = `castling play ${state.game} --join CODE`;
      return [`Invite code: ${paint.bold(printable(code))}`, paint.dim(hint), 'Waiting for an opponent...'];
    }
    case 'playing':
      if (sending) return ['Sending...'];
      if (state.turn === null) return [''];
      if (state.turn === seat) return [`${paint.bold('Your turn')}: ${game.keysHint}`];
      return [`${nameOfSeat(state, state.turn)} is thinking...`];
    case 'over':
      return drawEnd(view, paint);
  }
}

function drawEnd({ state, seat }: MatchView, paint: Paint): string[] {
  const { result } = state;
  if (result === null) return ['The match is over.'];
  const reason = describeReason(result);
  const because = reason === '' ? '' : ` (${reason})`;
  switch (outcomeFor(result, seat)) {
    case 'won':
      return [paint.good(`You have won!${because}`)];
    case 'lost':
      return [paint.bad(`${winner(state)} has won.${because}`)];
    case 'drawn':
      return [paint.warn(`A draw.${because}`)];
    case 'cancelled':
      return ['The match was cancelled.'];
    case 'watched':
      return [result.kind === 'won' ? `${winner(state)} has won.${because}` : `A draw.${because}`];
  }
}

function drawMessage({ state, seat, message }: MatchView, paint: Paint): string[] {
  const lines: string[] = [];
  if (message !== undefined) {
    const tone = message.tone === 'plain' ? (text: string) => text : paint[message.tone];
    lines.push(...wrapText(message.text, width).map(tone));
  }
  const offers = state.rematchOffers;
  if (seat !== null && state.next === null && offers.length > 0) {
    const text = offers.includes(seat)
      ? 'You want to play again; waiting for the other player.'
      : 'The other player wants to play again.';
    lines.push(...wrapText(text, width));
  }
  // Always at least one line, so that the picture does not jump when a message comes.
  return lines.length === 0 ? [''] : lines;
}

function drawConnection({ trouble }: MatchView, paint: Paint): string {
  switch (trouble) {
    case 'lost':
      return paint.warn(noticeTexts.lost);
    case 'away':
      return paint.warn('game server away, your match is safe');
    case undefined:
      return paint.dim('connected');
  }
}

function drawKeys({ state, seat }: MatchView): string {
  if (seat === null) return 'q quit';
  switch (state.status) {
    case 'waiting':
      return 'q give up waiting';
    case 'playing':
      return 'r resign   q leave (seat is kept)';
    case 'over':
      return 'p play again   q quit';
  }
}

function winner(state: MatchState): string {
  return state.result?.kind === 'won' ? nameOfSeat(state, state.result.seat) : '';
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : ` ${line}`));
}
