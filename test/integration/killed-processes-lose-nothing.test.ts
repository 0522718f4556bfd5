import { describe, it } from 'vitest';
import { killInMidMatch } from '../support/kill-in-mid-match.ts';

/** Ten kills of whom players and matches depend on; zero losses in n kills bound the rate of loss below 3/n, and no lower. */
describe.each([
  { row: 'R3', role: 'worker', rounds: [4, 3, 3] },
  { row: 'R3', role: 'proxy', rounds: [2] },
  { row: 'R4', role: 'backend', rounds: [4, 3, 3] },
] as const)('$row kill -9 of the $role in the middle of a match', ({ role, rounds }) => {
  it.each(rounds)(
    'loses nothing and repeats nothing in %i kills, and the players only wait',
    async (kills) => await killInMidMatch({ role, kills }),
  );
});
