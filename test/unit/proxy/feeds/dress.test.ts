import { describe, expect, it } from 'vitest';
import type { LinkEvent, LinkSnapshot } from '../../../../src/protocol/link-messages.ts';
import {
  dressEvent,
  dressSnapshot,
  playersOfEvent,
  playersOfSeats,
} from '../../../../src/proxy/feeds/dress.ts';

const nameOf = (pseudonym: string) => ({ name: `name of ${pseudonym}` });
const base = { match: 'm_1', seq: 2, at: 3 };

describe('dressing', () => {
  it('touches only the places that the link names, not a game’s own `player`', () => {
    const moved = {
      ...base,
      type: 'moved',
      seat: 0,
      move: { player: 'y_game' },
      state: { player: 'y_game' },
      turn: 1,
    };
    expect(dressEvent(moved as unknown as LinkEvent, nameOf)).toBe(moved);
    expect(playersOfEvent(moved as unknown as LinkEvent)).toEqual([]);
  });

  it('leaves no pseudonym in what joined, nor in a snapshot', () => {
    const joined = { ...base, type: 'joined', seat: 1, player: 'y_1' } as unknown as LinkEvent;
    expect(dressEvent(joined, nameOf)).toEqual({ ...base, type: 'joined', seat: 1, name: 'name of y_1' });
    expect(playersOfEvent(joined)).toEqual(['y_1']);

    const seats = [
      { seat: 0, player: 'y_1' },
      { seat: 1, player: null },
    ] as unknown as LinkSnapshot['seats'];
    expect(playersOfSeats(seats)).toEqual(['y_1']);
    expect(dressSnapshot({ ...base, seats } as unknown as LinkSnapshot, nameOf).seats).toEqual([
      { seat: 0, name: 'name of y_1' },
      { seat: 1, name: null },
    ]);
  });
});
