import { describe, expect, it } from 'vitest';
import type { MatchUpdate } from '../../../../src/client/match.ts';
import { applyEvent, type MatchState } from '../../../../src/client/match-state.ts';
import { announcementOf } from '../../../../src/client/web/match/announcement.ts';
import { headlineOf } from '../../../../src/client/web/match/headline.ts';
import { stepsOf } from '../../../../src/client/web/match/steps.ts';
import { de } from '../../../../src/client/web/words/de.ts';
import { en } from '../../../../src/client/web/words/en.ts';
import type { Words } from '../../../../src/client/web/words/words.ts';
import type { MatchEvent } from '../../../../src/protocol/player-messages.ts';

const game = {
  game: 'tic-tac-toe',
  nameMove: (move: unknown, words: Words) => words.games['tic-tac-toe'].squares[Number(move)] ?? '?',
} as unknown as Parameters<typeof announcementOf>[1]['game'];

const base = { match: 'm_AAAAAAAAAAAAAAAA', at: 0 };
const opening = [
  { ...base, seq: 1, type: 'created', game: 'tic-tac-toe', visibility: 'public', seats: 2 },
  { ...base, seq: 2, type: 'joined', seat: 0, name: 'ada' },
  { ...base, seq: 3, type: 'joined', seat: 1, name: 'bo' },
  { ...base, seq: 4, type: 'started', state: { board: '_________' }, turn: 0 },
  { ...base, seq: 5, type: 'moved', seat: 0, move: 4, state: { board: '____X____' }, turn: 1 },
] as MatchEvent[];

function updatesOf(events: readonly MatchEvent[]): MatchUpdate[] {
  let state: MatchState | undefined;
  return events.map((event) => {
    state = applyEvent(state, event);
    if (state === undefined) throw new Error('the events have no beginning');
    return { kind: 'event', event, state };
  });
}

function stateAfter(...more: object[]): MatchState {
  const events = [...opening, ...more.map((each, index) => ({ ...base, seq: 6 + index, ...each }))];
  return updatesOf(events as MatchEvent[]).at(-1)?.state as MatchState;
}

const ended = (result: object) => ({ type: 'ended', result });

describe('a headline', () => {
  it.each([
    ['the mover’s opponent', stateAfter(), 1, 'Your move', 'yours'],
    ['the mover', stateAfter(), 0, 'bo is thinking', 'theirs'],
    ['a spectator', stateAfter(), null, 'bo to move', 'theirs'],
    ['the winner', stateAfter(ended({ kind: 'won', seat: 0, reason: 'line' })), 0, 'You won', 'won'],
    ['the loser', stateAfter(ended({ kind: 'won', seat: 0, reason: 'line' })), 1, 'ada won', 'lost'],
    ['both of a draw', stateAfter(ended({ kind: 'drawn', reason: 'agreed' })), 1, 'A draw', 'drawn'],
  ] as const)('for %s', (_who, state, seat, text, tone) => {
    expect(headlineOf(state, { seat, words: en })).toMatchObject({ text, tone });
  });

  it('tells who resigned, from each side, and has no words for reasons that it does not know', () => {
    const state = stateAfter(
      { type: 'resigned', seat: 1 },
      ended({ kind: 'won', seat: 0, reason: 'resigned' }),
    );
    expect(headlineOf(state, { seat: 0, words: en }).reason).toBe('bo resigned');
    expect(headlineOf(state, { seat: 1, words: de }).reason).toBe('du hast aufgegeben');
    const odd = stateAfter(ended({ kind: 'won', seat: 0, reason: 'checkmate' }));
    expect(headlineOf(odd, { seat: 0, words: en }).reason).toBe('');
  });
});

describe('what a screen reader hears', () => {
  const said = (events: readonly MatchEvent[], seat: number | null, words: Words = en) =>
    updatesOf(events)
      .map((update) =>
        update.kind === 'event' ? announcementOf(update.event, { ...update, game, seat, words }) : '',
      )
      .filter((text) => text !== '');

  it('as the second player', () => {
    expect(said(opening, 1)).toEqual([
      'ada takes a seat.',
      'The match begins.',
      'ada played centre. Your move.',
    ]);
  });
  it('as the first player, in German', () => {
    expect(said(opening, 0, de)).toEqual([
      'bo nimmt Platz.',
      'Die Partie beginnt. Du bist dran.',
      'Du hast Mitte gespielt.',
    ]);
  });
});

describe('the positions of a match', () => {
  it('begin with the empty board and follow the moves', () => {
    const steps = stepsOf(updatesOf(opening));
    expect(steps.map(({ state }) => state)).toEqual([{ board: '_________' }, { board: '____X____' }]);
    expect(steps[1]?.moved).toMatchObject({ seat: 0, move: 4 });
  });

  it('go on after a snapshot, which repeats nothing', () => {
    const [snapshot] = updatesOf(opening).slice(-1);
    if (!snapshot) throw new Error('no update');
    const again: MatchUpdate = { kind: 'snapshot', state: snapshot.state };
    expect(stepsOf([again])).toEqual([{ state: { board: '____X____' } }]);
    expect(stepsOf([again, again])).toHaveLength(1);
    expect(stepsOf([])).toEqual([{ state: null }]);
  });
});
