import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../../../../src/game/match/logged-event.ts';
import { apply, type MatchState } from '../../../../src/game/match/match-state.ts';
import { openMatch } from '../../../../src/game/match/open-match.ts';
import { audienceFor, audiencesOf, viewEvent, viewState } from '../../../../src/game/match/view.ts';
import { defineGame } from '../../../../src/game/rules/rules.ts';
import { ticTacToe } from '../../../../src/game/rules/tic-tac-toe.ts';
import type { InviteCode, MatchId } from '../../../../src/protocol/ids.ts';
import { ada, ben, cause } from '../../../support/game-fixtures.ts';

type Secrets = { readonly secrets: readonly string[] };

/** Each seat has a secret, and a move changes it; nobody else may see either. */
const secretGame = defineGame<Secrets, string>({
  game: 'secrets',
  title: 'Secrets',
  seats: 2,
  hiddenInformation: true,
  start: () => ({ secrets: ['canary-0', 'canary-1'] }),
  turn: () => 0,
  parse: (input) => (typeof input === 'string' ? { move: input } : { refused: 'move_malformed' }),
  play: ({ state, seat, move }) => ({ state: { secrets: state.secrets.with(seat, move) } }),
  outcome: () => null,
  view: ({ secrets }, audience) =>
    audience === 'spectators' ? null : (secrets[Number(audience.slice('seat:'.length))] ?? null),
  viewMove: ({ move, seat, audience }) => (audience === `seat:${seat}` ? move : null),
});

const match = 'm_AAAAAAAAAAAAAAAA' as MatchId;
const code = 'ABCDEFGH'.replaceAll('I', 'J') as InviteCode;

function play(): { events: LoggedEvent[]; state: MatchState } {
  const opening = openMatch({
    game: secretGame,
    visibility: 'private',
    code,
    entrants: [{ player: ada, cause: cause(ada) }, { player: ben }],
  });
  const moved = {
    type: 'moved',
    seat: 0,
    move: 'canary-2',
    whole: { secrets: ['canary-2', 'canary-1'] },
    turn: 0,
    cause: cause(ada),
  } as const;
  const events = [...opening, moved].map((happening, index) => ({ seq: index + 1, at: 7, ...happening }));
  const state = events.reduce<MatchState | undefined>(
    (before, event) => apply(before, event, match),
    undefined,
  );
  if (state === undefined) throw new Error('no match');
  return { events, state };
}

describe('what an audience may see', () => {
  const { events, state } = play();
  const seen = (audience: 'spectators' | 'seat:0' | 'seat:1') => {
    const viewer = { game: secretGame, audience };
    return JSON.stringify([
      ...events.map((event) => viewEvent(state, event, viewer)),
      viewState(state, viewer),
    ]);
  };

  it('is nothing hidden for spectators', () => expect(seen('spectators')).not.toContain('canary'));

  it('is a seat’s own secrets, and not the other’s', () => {
    expect(seen('seat:0')).toContain('canary-0');
    expect(seen('seat:0')).toContain('canary-2');
    expect(seen('seat:0')).not.toContain('canary-1');
    expect(seen('seat:1')).toContain('canary-1');
    expect(seen('seat:1')).not.toMatch(/canary-[02]/);
  });

  it('is never the invite code, a digest, or who sent a command', () => {
    const digest = cause(ada).digest;
    for (const audience of audiencesOf(secretGame)) {
      const text = seen(audience as 'spectators');
      expect(text).not.toContain(code);
      expect(text).not.toContain(digest);
      expect(text).not.toContain('whole');
    }
  });

  it('is one stream for a game that hides nothing, and one for each seat otherwise', () => {
    expect([audienceFor(ticTacToe, 0), audienceFor(ticTacToe, null)]).toEqual(['all', 'all']);
    expect([audienceFor(secretGame, 1), audienceFor(secretGame, null)]).toEqual(['seat:1', 'spectators']);
    expect(audiencesOf(ticTacToe)).toEqual(['all']);
    expect(audiencesOf(secretGame)).toEqual(['spectators', 'seat:0', 'seat:1']);
  });

  it('has the command id of the event that answers it', () => {
    const shown = events.map((event) =>
      viewEvent(state, event, { game: secretGame, audience: 'spectators' }),
    );
    expect(shown.map(({ commandId }) => commandId !== undefined)).toEqual([false, true, false, false, true]);
  });
});
