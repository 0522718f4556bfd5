import { describe, expect, it } from 'vitest';
import { applyEvent, type MatchState, startFrom } from '../../../src/client/match-state.ts';
import type { MatchEvent } from '../../../src/protocol/player-messages.ts';

const match = 'm_0000000000000001';
const story = [
  { type: 'created', game: 'tic-tac-toe', visibility: 'public', seats: 2 },
  { type: 'joined', seat: 0, name: 'ada' },
  { type: 'joined', seat: 1, name: 'bob' },
  { type: 'started', state: { board: '_________' }, turn: 0 },
  { type: 'drawOffered', seat: 0 },
  { type: 'moved', seat: 0, move: 4, state: { board: '____X____' }, turn: 1 },
  { type: 'moved', seat: 1, move: 0, state: { board: 'O___X____' }, turn: 0 },
  { type: 'resigned', seat: 0 },
  { type: 'ended', result: { kind: 'won', seat: 1, reason: 'resigned' } },
  { type: 'rematchOffered', seat: 1 },
  { type: 'rematchAgreed', next: 'm_0000000000000002' },
].map((fields, index) => ({ match, seq: index + 1, at: 0, ...fields }) as MatchEvent);

function stateAt(seq: number): MatchState {
  let state: MatchState | undefined;
  for (const event of story.slice(0, seq)) state = applyEvent(state, event);
  if (state === undefined) throw new Error('The story has no beginning.');
  return state;
}

describe('the state of a match', () => {
  it('is made by its events from the first one on', () => {
    expect(stateAt(1)).toMatchObject({
      status: 'waiting',
      seats: [{ name: null }, { name: null }],
      turn: null,
    });
    expect(stateAt(4)).toMatchObject({
      status: 'playing',
      seats: [{ name: 'ada' }, { name: 'bob' }],
      turn: 0,
    });
    expect(stateAt(9)).toMatchObject({ status: 'over', turn: null, result: { seat: 1 }, seq: 9 });
    expect(stateAt(11)).toMatchObject({ rematchOffers: [1], next: 'm_0000000000000002' });
  });

  it('keeps a draw offer while its maker moves, and drops it when the other one does', () => {
    expect(stateAt(5).drawOffer).toBe(0);
    expect(stateAt(6).drawOffer).toBe(0);
    expect(stateAt(7).drawOffer).toBeNull();
  });

  it('only moves on for an event that a newer server invented', () => {
    const unknown = { match, seq: 5, at: 0, type: 'clockPressed' } as unknown as MatchEvent;
    expect(applyEvent(stateAt(4), unknown)).toEqual({ ...stateAt(4), seq: 5 });
  });

  it('has nobody to move between a resignation and the end', () => {
    expect(stateAt(7).turn).toBe(0);
    expect(stateAt(8)).toMatchObject({ status: 'playing', turn: null });
  });

  it('has no beginning but the first event', () => {
    expect(applyEvent(undefined, story[1]!)).toBeUndefined();
  });

  it('keeps what a snapshot cannot tell', () => {
    const { ...snapshot } = stateAt(9);
    expect(startFrom(snapshot, stateAt(11))).toMatchObject({
      seq: 9,
      rematchOffers: [1],
      next: 'm_0000000000000002',
    });
  });
});
