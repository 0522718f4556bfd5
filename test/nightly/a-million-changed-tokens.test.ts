import { describe, expect, it } from 'vitest';
import { acceptedOf } from '../support/token-mutations.ts';
import { tokenVerifiers } from '../support/token-verifiers.ts';

const runs = 1_000_000;
const batch = 10_000;

describe('C1 a million changed tokens', () => {
  it.each([0, 1, 2])('find none that is accepted, by verifier %i', { timeout: 3_600_000 }, async (index) => {
    const { name, ...verifier } = (await tokenVerifiers())[index]!;
    const first = Date.now() % 2 ** 30;
    for (let done = 0; done < runs; done += batch) {
      const seed = first + done;
      const { accepted, crashes } = await acceptedOf({ ...verifier, runs: batch, seed });
      expect({ name, seed, accepted, crashes }).toEqual({ name, seed, accepted: [], crashes: [] });
    }
  });
});
