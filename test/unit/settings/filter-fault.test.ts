import { describe, expect, it } from 'vitest';
import { filterFault } from '../../../src/settings/filter-fault.ts';

const rule = (differences: object) => ({ id: 'one', action: 'deny', ...differences }) as const;

describe('filterFault', () => {
  it('takes rules that can fit something', () => {
    const kinds = ['*', 'match.*', 'match.move', 'POST /auth/login', '* /*'];
    const rules = [rule({ kinds, routes: ['game', 'page', 'board'] }), rule({ id: 'two' })];
    expect(filterFault(rules, [{ name: 'board' }])).toBeUndefined();
    expect(filterFault([], [])).toBeUndefined();
  });

  it.each([
    [[rule({}), rule({})], 'the id one is used twice; give each rule its own.'],
    [
      [rule({ kinds: ['match.mvoe'] })],
      'the rule one names match.mvoe, which no message is; is match.move meant?',
    ],
    [[rule({ kinds: ['chess.*'] })], 'the rule one names chess.*, which no message is.'],
    [[rule({ routes: ['games'] })], 'the rule one names the route games, which there is not; is game meant?'],
  ])('%j: %s', (rules, sentence) => {
    expect(filterFault(rules, [])).toBe(sentence);
  });
});
