import { describe, it } from 'vitest';
import { killInMidMatch } from '../support/kill-in-mid-match.ts';

/** Ten kills a role here; zero losses in n kills bound the rate of loss below 3/n, and no lower. */
const rounds = [4, 3, 3];

describe.each([
  { row: 'R3', role: 'proxy' },
  { row: 'R4', role: 'backend' },
] as const)('$row kill -9 of the $role in the middle of a match', ({ role }) => {
  it.each(rounds)(
    'loses nothing and repeats nothing in %i kills, and the players only wait',
    async (kills) => await killInMidMatch({ role, kills }),
  );
});
