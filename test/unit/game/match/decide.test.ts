import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandKey, obeyedIn } from '../../../../src/game/log/read-match.ts';
import type { MatchCommand } from '../../../../src/game/match/command.ts';
import { type Decision, decide, reservedEvents } from '../../../../src/game/match/decide.ts';
import type { Happening, LoggedEvent } from '../../../../src/game/match/logged-event.ts';
import { apply, type MatchState } from '../../../../src/game/match/match-state.ts';
import { openMatch } from '../../../../src/game/match/open-match.ts';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { MatchId, Pseudonym } from '../../../../src/protocol/ids.ts';
import { limits } from '../../../../src/protocol/limits.ts';
import type { Visibility } from '../../../../src/protocol/player-messages.ts';
import { ada, ben, cause, eve, type Wish } from '../../../support/game-fixtures.ts';

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;
const next = 'm_BBBBBBBBBBBBBBBB' as MatchId;

/** A match as the backend would hold it, without the backend. */
class Table {
  events: LoggedEvent[] = [];
  state: MatchState | undefined;

  constructor(visibility: Visibility = 'public', players: readonly Pseudonym[] = [ada, ben]) {
    this.add(openMatch({ game: ticTacToe, visibility, entrants: players.map((player) => ({ player })) }));
  }

  get now(): MatchState {
    if (this.state === undefined) throw new Error('The match does not exist.');
    return this.state;
  }

  add(happenings: readonly Happening[]): void {
    for (const happening of happenings) {
      const event = { seq: this.events.length + 1, at: 1, ...happening };
      this.state = apply(this.state, event, match);
      this.events.push(event);
    }
  }

  decide(command: MatchCommand): Decision {
    const obeyed = obeyedIn(this.events);
    return decide(this.now, command, {
      game: ticTacToe,
      obeyed: (player, id) => obeyed.get(commandKey({ player, command: id })),
    });
  }

  /** Decides, and lets it happen. */
  do(player: Pseudonym, wish: Wish): Decision {
    const decision = this.decide({ ...wish, cause: cause(player, wish) });
    if (decision.kind === 'happens') this.add(decision.happenings);
    return decision;
  }

  moves(...squares: number[]): this {
    for (const move of squares) {
      const player = this.now.seats[this.now.turn ?? 0] ?? ada;
      const decision = this.do(player, { type: 'move', seq: this.now.seq + 1, move });
      if (decision.kind !== 'happens') throw new Error(`Square ${move} was not taken.`);
    }
    return this;
  }
}

const refused = (decision: Decision) => (decision.kind === 'refused' ? decision.refusal.code : decision.kind);
const types = (decision: Decision) =>
  decision.kind === 'happens' ? decision.happenings.map(({ type }) => type) : decision.kind;
const resign: Wish = { type: 'resign' };
const join: Wish = { type: 'join', invited: false, mayTakeSeat: true };

describe('what a command leads to', () => {
  it('begins a match when the last seat is taken', () => {
    const table = new Table('public', [ada]);
    expect(types(table.do(ben, join))).toEqual(['joined', 'started']);
    expect(table.now).toMatchObject({ status: 'playing', turn: 0, seats: [ada, ben], seq: 4 });
  });

  it('lets a move happen, and the end with it', () => {
    const table = new Table().moves(0, 3, 1, 4);
    expect(types(table.do(ada, { type: 'move', seq: 9, move: 2 }))).toEqual(['moved', 'ended']);
    expect(table.now).toMatchObject({
      status: 'over',
      turn: null,
      result: { kind: 'won', seat: 0, reason: 'line' },
    });
  });

  it('ends in a draw when the board is full', () => {
    const table = new Table().moves(0, 4, 8, 1, 7, 6, 2, 5, 3);
    expect(table.now.result).toEqual({ kind: 'drawn', reason: 'board_full' });
  });

  it('gives the match to the one who did not resign, on whoever’s turn', () => {
    const table = new Table();
    expect(types(table.do(ben, resign))).toEqual(['resigned', 'ended']);
    expect(table.now.result).toEqual({ kind: 'won', seat: 0, reason: 'resigned' });
  });

  it.each<[string, Wish & { type: 'move' }, Pseudonym]>([
    ['not_seated', { type: 'move', seq: 6, move: 0 }, eve],
    ['not_your_seat', { type: 'move', seq: 6, move: 1, seat: 1 }, ada],
    ['stale_sequence', { type: 'move', seq: 5, move: 1 }, ben],
    ['sequence_ahead', { type: 'move', seq: 7, move: 1 }, ben],
    ['not_your_turn', { type: 'move', seq: 6, move: 1 }, ada],
    ['move_malformed', { type: 'move', seq: 6, move: 'x'.repeat(limits.moveBytes) }, ben],
    ['move_malformed', { type: 'move', seq: 6, move: '1' }, ben],
    ['move_out_of_range', { type: 'move', seq: 6, move: 9 }, ben],
    ['move_occupied', { type: 'move', seq: 6, move: 0 }, ben],
  ])('refuses with %s, and nothing changes', (code, wish, player) => {
    const table = new Table().moves(0);
    const before = structuredClone(table.events);
    expect(refused(table.do(player, wish))).toBe(code);
    expect(table.events).toEqual(before);
  });

  it('checks what the sequence says before whose turn it is, since who is behind is wrong about both', () => {
    const table = new Table().moves(0);
    expect(table.decide({ type: 'move', seq: 5, move: 8, cause: cause(ada) })).toMatchObject({
      missedFrom: 5,
    });
  });

  it('answers a command sent again with its first answer, whatever has happened since', () => {
    const table = new Table();
    const wish = { type: 'move', seq: 5, move: 0 } as const;
    const first = cause(ada, wish);
    const decision = table.decide({ ...wish, cause: first });
    if (decision.kind === 'happens') table.add(decision.happenings);
    table.moves(3, 1, 4, 2);
    expect(table.now.status).toBe('over');
    expect(table.decide({ ...wish, cause: first })).toEqual({ kind: 'happened', seq: 5 });
    const other = cause(ada, { ...wish, move: 1 }, first.command);
    expect(refused(table.decide({ ...wish, move: 1, cause: other }))).toBe('command_conflict');
    // The id is the player's own: somebody else may use the same one.
    const theirs = cause(ben, wish, first.command);
    expect(refused(table.decide({ ...wish, cause: theirs }))).toBe('match_over');
  });

  it('does not tell a stranger that a private match exists', () => {
    const table = new Table('private', [ada]);
    expect(refused(table.do(eve, resign))).toBe('match_unknown');
    expect(refused(table.do(eve, join))).toBe('match_unknown');
    expect(types(table.do(ben, { ...join, invited: true }))).toEqual(['joined', 'started']);
    expect(refused(table.do(eve, { ...join, invited: true }))).toBe('match_full');
  });

  it('brings a player who joins again back to the seat they have', () => {
    expect(new Table().do(ada, join)).toEqual({ kind: 'nothing' });
  });

  it('refuses a seat beyond the number of open matches', () => {
    const table = new Table('public', [ada]);
    expect(refused(table.do(ben, { ...join, mayTakeSeat: false }))).toBe('too_many_matches');
  });

  it('waits for the second player', () => {
    const table = new Table('public', [ada]);
    expect(refused(table.do(ada, { type: 'move', seq: 3, move: 0 }))).toBe('match_not_started');
    expect(refused(table.do(ada, { type: 'offerDraw' }))).toBe('match_not_started');
  });

  it('cancels a match that nobody else has joined, and keeps a seat in play', () => {
    const waiting = new Table('public', [ada]);
    expect(waiting.do(eve, { type: 'leave' })).toEqual({ kind: 'nothing' });
    expect(types(waiting.do(ada, { type: 'leave' }))).toEqual(['ended']);
    expect(waiting.now.result).toEqual({ kind: 'cancelled', reason: 'left' });
    expect(refused(waiting.do(ben, join))).toBe('match_over');
    expect(
      refused(waiting.do(ada, { type: 'offerRematch', mayTakeSeat: true, othersMayTakeSeat: true, next })),
    ).toBe('match_over');
    expect(new Table().do(ada, { type: 'leave' })).toEqual({ kind: 'nothing' });
  });

  describe('draw offers', () => {
    const offer: Wish = { type: 'offerDraw' };
    const answer = (accept: boolean): Wish => ({ type: 'answerDraw', accept });

    it('are accepted', () => {
      const table = new Table();
      table.do(ada, offer);
      expect(table.now.drawOffer).toBe(0);
      expect(types(table.do(ben, answer(true)))).toEqual(['drawAccepted', 'ended']);
      expect(table.now.result).toEqual({ kind: 'drawn', reason: 'agreed' });
    });

    it('are declined, and may be made again', () => {
      const table = new Table();
      table.do(ada, offer);
      expect(refused(table.do(ada, offer))).toBe('draw_already_offered');
      expect(types(table.do(ben, answer(false)))).toEqual(['drawDeclined']);
      expect(refused(table.do(ben, answer(true)))).toBe('draw_not_offered');
      expect(types(table.do(ada, offer))).toEqual(['drawOffered']);
    });

    it('cannot be answered by the one who made them', () => {
      const table = new Table();
      table.do(ada, offer);
      expect(refused(table.do(ada, answer(true)))).toBe('draw_not_offered');
    });

    it('stay while the one who made them moves, and lapse when the other does', () => {
      const table = new Table();
      table.do(ada, offer);
      expect(table.moves(0).now.drawOffer).toBe(0);
      expect(table.moves(1).now.drawOffer).toBeNull();
    });

    it('are accepted by the same offer from the other side', () => {
      const table = new Table();
      table.do(ada, offer);
      expect(types(table.do(ben, offer))).toEqual(['drawAccepted', 'ended']);
    });
  });

  it('opens the next match when both have offered one', () => {
    const table = new Table();
    const offer: Wish = { type: 'offerRematch', mayTakeSeat: true, othersMayTakeSeat: true, next };
    expect(refused(table.do(ada, offer))).toBe('match_not_over');
    table.do(ada, resign);
    // The others' room counts when the agreement is complete.
    expect(types(table.do(ben, { ...offer, othersMayTakeSeat: false }))).toEqual(['rematchOffered']);
    expect(refused(table.do(ben, offer))).toBe('rematch_already_offered');
    expect(refused(table.do(ada, { ...offer, mayTakeSeat: false }))).toBe('too_many_matches');
    expect(table.do(ada, { ...offer, othersMayTakeSeat: false })).toMatchObject({
      refusal: { code: 'too_many_matches', reason: expect.stringMatching(/^Another player/) },
    });
    expect(table.do(ada, offer)).toMatchObject({ next, happenings: [{}, { type: 'rematchAgreed', next }] });
    expect(refused(table.do(ada, offer))).toBe('rematch_already_offered');
  });

  it('keeps the end of a long log free for ending the match', () => {
    const table = new Table();
    const long = { ...table.now, seq: limits.matchEvents - reservedEvents };
    const context = { game: ticTacToe, obeyed: () => undefined };
    const move = { type: 'move', seq: long.seq + 1, move: 0, cause: cause(ada) } as const;
    expect(refused(decide(long, move, context))).toBe('match_too_long');
    expect(types(decide(long, { ...resign, cause: cause(ada) } as MatchCommand, context))).toEqual([
      'resigned',
      'ended',
    ]);
  });

  it('whatever is asked in whatever order: the log has no gap, and no command happens twice', () => {
    const player = fc.constantFrom(ada, ben, eve);
    const wish = fc.oneof(
      fc.record({
        type: fc.constant('move' as const),
        ahead: fc.integer({ min: -1, max: 2 }),
        move: fc.integer({ min: -1, max: 9 }),
      }),
      fc.constantFrom<Wish>(resign, { type: 'offerDraw' }, { type: 'leave' }, join),
      fc.record({ type: fc.constant('answerDraw' as const), accept: fc.boolean() }),
      fc.constant<Wish>({ type: 'offerRematch', mayTakeSeat: true, othersMayTakeSeat: true, next }),
    );
    const step = fc.record({ player, wish, repeats: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new Table('public', [ada]);
        for (const { player: who, wish: raw, repeats } of steps) {
          const asked = (
            'ahead' in raw ? { type: 'move', seq: table.now.seq + raw.ahead, move: raw.move } : raw
          ) as Wish;
          const command = { ...asked, cause: cause(who, asked) } as MatchCommand;
          const first = table.decide(command);
          if (first.kind === 'happens') table.add(first.happenings);
          for (let again = 0; again < repeats; again += 1) {
            const answer = table.decide(command);
            if (first.kind === 'happens') expect(answer.kind).toBe('happened');
            if (answer.kind === 'happens') throw new Error('It happened at the second time only.');
          }
        }
        expect(table.events.map(({ seq }) => seq)).toEqual(table.events.map((_, index) => index + 1));
        const ends = table.events.filter(({ type }) => type === 'ended');
        expect(ends.length).toBe(table.now.status === 'over' ? 1 : 0);
        expect(table.events.filter(({ type }) => type === 'moved').length).toBeLessThanOrEqual(9);
      }),
      { numRuns: 1_000 },
    );
  });
});
