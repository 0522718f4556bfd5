import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePaint } from '../../../../../src/client/cli/paint.ts';
import { drawMatch, type MatchView } from '../../../../../src/client/cli/play/match-picture.ts';
import { findTerminalGame } from '../../../../../src/client/games/index.ts';
import { refusals } from '../../../../../src/protocol/refusals.ts';

const game = findTerminalGame('tic-tac-toe')!;
const stdout = { isTTY: true, write() {} };
const plain = choosePaint({ stdout, env: { NO_COLOR: '1' } });
const coloured = choosePaint({ stdout, env: {} });

const playing: MatchView = {
  state: {
    match: 'm_0000000000000001',
    game: 'tic-tac-toe',
    visibility: 'public',
    status: 'playing',
    seq: 6,
    seats: [
      { seat: 0, name: 'ada' },
      { seat: 1, name: 'bob' },
    ],
    turn: 0,
    state: { board: 'O___X____' },
    result: null,
    drawOffer: null,
    rematchOffers: [],
    next: null,
  },
  seat: 0,
  code: undefined,
  presence: { online: [0], service: 'up' },
  cursor: 8,
  trouble: undefined,
  message: { text: 'bob played 1.', tone: 'plain' },
  sending: false,
  confirming: undefined,
};

function draw(change: Partial<MatchView> = {}, paint = plain): string {
  return drawMatch({ ...playing, ...change }, { game, paint }).join('\n');
}

function over(result: MatchView['state']['result']): Partial<MatchView> {
  return { state: { ...playing.state, status: 'over', turn: null, result }, message: undefined };
}

describe('the picture of a match', () => {
  it('shows the board, whose turn it is, who is there, and what the keys do', () => {
    expect(draw().replaceAll(/ +$/gm, '')).toBe(` tic-tac-toe
 X ada (you)
 O bob (away)

    O | 2 | 3
   ---+---+---
    4 | X | 6
   ---+---+---
    7 | 8 |[9]

 Your turn: arrows and Enter, or 1-9
 bob played 1.
 connected
 r resign   q leave (seat is kept)`);
  });

  it.each([
    ['the opponent thinks', { seat: 1 } as const, 'ada is thinking...'],
    ['a move is on its way', { sending: true } as const, 'Sending...'],
    ['the connection is lost', { trouble: 'lost' } as const, 'connection lost, reconnecting...'],
    ['the backend is away', { trouble: 'away' } as const, 'game server away'],
    ['resigning is asked about', { confirming: 'resign' } as const, 'Resign this match? y or n'],
    ['you won', over({ kind: 'won', seat: 0, reason: 'line' }), 'You have won! (a full line)'],
    ['you lost', over({ kind: 'won', seat: 1, reason: 'resigned' }), 'bob has won. (by resignation)'],
    ['nobody won', over({ kind: 'drawn', reason: 'board_full' }), 'A draw. (the board is full)'],
    ['you watched', { ...over({ kind: 'won', seat: 1, reason: 'line' }), seat: null }, 'bob has won.'],
    ['it was cancelled', over({ kind: 'cancelled', reason: 'left' }), 'The match was cancelled.'],
  ])('says when %s', (_, change, text) => {
    expect(draw(change)).toContain(text);
  });

  it('invites while a seat is free', () => {
    const seats = [
      { seat: 0, name: 'ada' },
      { seat: 1, name: null },
    ];
    const picture = draw({
      state: { ...playing.state, status: 'waiting', turn: null, seats },
      code: 'AB23CD45',
    });
    expect(picture).toContain('Invite code: AB23CD45');
    expect(picture).toContain('(free seat)');
  });

  it('has no cursor when there is nothing to choose', () => {
    expect(draw({ seat: 1 })).not.toContain('[9]');
    expect(draw({ sending: true })).not.toContain('[9]');
  });

  it('fits 40 columns whatever the names and the messages are', () => {
    const name = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme-ascii' });
    const text = fc.constantFrom(...Object.values(refusals).map((refusal) => refusal.text));
    fc.assert(
      fc.property(name, name, text, fc.boolean(), (ada, bob, message, waiting) => {
        const seats = [
          { seat: 0, name: ada },
          { seat: 1, name: bob },
        ];
        const state = { ...playing.state, seats, ...(waiting && { status: 'waiting' as const, turn: null }) };
        const change = { state, message: { text: message, tone: 'bad' as const }, code: 'AB23CD45', seat: 1 };
        for (const line of draw(change, coloured).split('\n')) {
          expect(stripVTControlCharacters(line).length, line).toBeLessThanOrEqual(40);
        }
      }),
    );
  });

  it('makes what a stranger chose harmless', () => {
    const seats = [
      { seat: 0, name: 'ada' },
      { seat: 1, name: '\u001b[2Jx\r\n\u202e' },
    ];
    expect(draw({ state: { ...playing.state, seats } })).toContain('\\u001b[2Jx');
    expect(stripVTControlCharacters(draw({ state: { ...playing.state, seats } }))).not.toMatch(/[\r\u202e]/);
  });

  it('is the same text with and without colour', () => {
    const uncursored = { seat: 1 } as const;
    expect(draw(uncursored, coloured)).toContain('\u001b[');
    expect(stripVTControlCharacters(draw(uncursored, coloured))).toBe(draw(uncursored));
  });
});
