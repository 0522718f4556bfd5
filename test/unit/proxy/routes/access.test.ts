import { describe, expect, it } from 'vitest';
import type { PlayerId } from '../../../../src/protocol/ids.ts';
import { mayUse, type RouteAccess } from '../../../../src/proxy/routes/access.ts';

const ada = { name: 'ada', player: 'p_ada' as PlayerId };
const olga = { name: 'olga', player: 'p_olga' as PlayerId };
const guest = { name: 'swift otter 12', player: 'p_guest' as PlayerId, guest: true } as const;
const operators = new Set(['olga', guest.name]);

describe('who may use a route', () => {
  it.each<[RouteAccess, readonly [ada: boolean, olga: boolean, guest: boolean]]>([
    ['players', [true, true, false]],
    ['players-and-guests', [true, true, true]],
    ['operators', [false, true, false]],
    [['ada'], [true, false, false]],
    [['p_ada'], [true, false, false]],
    // A guest's name may come to another guest; the id may not.
    [[guest.name], [false, false, false]],
    [[guest.player], [false, false, true]],
    [[], [false, false, false]],
  ])('%s', (access, [forAda, forOlga, forGuest]) => {
    expect([ada, olga, guest].map((session) => mayUse(access, session, operators))).toEqual([
      forAda,
      forOlga,
      forGuest,
    ]);
  });
});
