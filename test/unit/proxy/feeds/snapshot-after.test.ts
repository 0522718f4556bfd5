import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandKey, obeyedIn } from '../../../../src/game/log/read-match.ts';
import { decide } from '../../../../src/game/match/decide.ts';
import type { Happening, LoggedEvent } from '../../../../src/game/match/logged-event.ts';
import { apply, type MatchState } from '../../../../src/game/match/match-state.ts';
import { openMatch } from '../../../../src/game/match/open-match.ts';
import { viewEvent, viewState } from '../../../../src/game/match/view.ts';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { MatchId } from '../../../../src/protocol/ids.ts';
import type { LinkEvent, LinkSnapshot } from '../../../../src/protocol/link-messages.ts';
import { snapshotAfter } from '../../../../src/proxy/feeds/snapshot-after.ts';
import { ada, ben, cause, type Wish } from '../../../support/game-fixtures.ts';

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;
const viewer = { game: ticTacToe, audience: 'all' } as const;

/** What happens when these things are wished for, lawful or not. */
function story(wishes: readonly { readonly by: 0 | 1; readonly wish: Wish }[]): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  let state: MatchState | undefined;
  const add = (happenings: readonly Happening[]) => {
    for (const happening of happenings) {
      const event = { seq: events.length + 1, at: 1, ...happening } as LoggedEvent;
      state = apply(state, event, match);
      events.push(event);
    }
  };
  add(openMatch({ game: ticTacToe, visibility: 'public', entrants: [{ player: ada }, { player: ben }] }));
  for (const { by, wish } of wishes) {
    if (state === undefined) break;
    const seq = state.seq + 1;
    const asked = wish.type === 'move' ? { ...wish, seq } : wish;
    const obeyed = obeyedIn(events);
    const decision = decide(
      state,
      { ...asked, cause: cause(by === 0 ? ada : ben, asked) },
      { game: ticTacToe, obeyed: (player, id) => obeyed.get(commandKey({ player, command: id })) },
    );
    if (decision.kind === 'happens') add(decision.happenings);
  }
  return events;
}

describe('a snapshot worked out from the stream', () => {
  const wish = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: fc.constant('move'), move: fc.nat(8), seq: fc.constant(0) }) },
    fc.record({
      type: fc.constantFrom('offerDraw', 'resign'),
    }),
    fc.record({
      type: fc.constant('offerRematch'),
      next: fc.constant('m_BBBBBBBBBBBBBBBB'),
      mayTakeSeat: fc.constant(true),
      othersMayTakeSeat: fc.constant(true),
    }),
    fc.record({ type: fc.constant('answerDraw'), accept: fc.boolean() }),
  ) as fc.Arbitrary<Wish>;

  it('is what the backend would show, after every event of whatever happens', () => {
    const types = new Set<string>();
    fc.assert(
      fc.property(fc.array(fc.record({ by: fc.constantFrom(0, 1), wish }), { maxLength: 40 }), (wishes) => {
        let state: MatchState | undefined;
        let shown: LinkSnapshot | undefined;
        for (const event of story(wishes as { by: 0 | 1; wish: Wish }[])) {
          state = apply(state, event, match);
          const backends = viewState(state, viewer);
          const told = viewEvent(state, event, viewer);
          shown = shown && snapshotAfter(shown, JSON.parse(JSON.stringify(told)) as LinkEvent);
          if (event.type === 'created' || event.type === 'joined') expect(shown).toBeUndefined();
          else if (shown !== undefined) {
            types.add(event.type);
            expect(shown).toEqual(backends);
          }
          shown ??= backends;
        }
      }),
      // Enough that the rarest kind of event, an agreed rematch, comes up in every run.
      { numRuns: 2_000 },
    );
    // Or it would say nothing about these.
    for (const type of [
      'moved',
      'drawOffered',
      'drawDeclined',
      'drawAccepted',
      'resigned',
      'ended',
      'rematchOffered',
      'rematchAgreed',
    ])
      expect(types, type).toContain(type);
  });

  it('is none when an event is missing', () => {
    const [first, ...rest] = story([{ by: 0, wish: { type: 'move', move: 0, seq: 0 } }]);
    let state = apply(undefined, first!, match);
    const before = viewState(state, viewer);
    for (const event of rest) state = apply(state, event, match);
    expect(snapshotAfter(before, viewEvent(state, rest.at(-1)!, viewer))).toBeUndefined();
  });
});
