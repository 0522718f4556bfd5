import { describe, it } from 'vitest';
import { killInMidMatch } from '../support/kill-in-mid-match.ts';

const rounds = Array.from({ length: 10 }, (_, at) => at + 1);

describe('R3 kill -9 of a worker, fifty times', () => {
  it.each(rounds)('round %i of five kills', async () => await killInMidMatch({ role: 'worker', kills: 5 }));
});

describe('R3 kill -9 of the primary, fifty times', () => {
  it.each(rounds)('round %i of five kills', async () => await killInMidMatch({ role: 'proxy', kills: 5 }));
});

describe('R4 kill -9 of the backend, fifty times', () => {
  it.each(rounds)('round %i of five kills', async () => await killInMidMatch({ role: 'backend', kills: 5 }));
});
