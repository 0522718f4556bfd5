import { beforeAll, describe, expect, it } from 'vitest';
import { acceptedOf } from '../../support/token-mutations.ts';
import { tokenVerifiers, type VerifierUnderTest } from '../../support/token-verifiers.ts';

/** Printed when it fails, so that a failure can be run again. */
const seed = Number(process.env.CASTLING_TEST_SEED ?? Date.now() % 2 ** 31);
const runs = 6_000;
let verifiers: readonly VerifierUnderTest[];

beforeAll(async () => {
  verifiers = await tokenVerifiers();
});

describe('C1 C2 C8 changed tokens', () => {
  it('are good as they were', async () => {
    for (const { tokens, verify } of verifiers) for (const token of tokens) await verify(token);
    expect(verifiers).toHaveLength(3);
  });

  it.each([0, 1, 2])('are never accepted, and never make the verifier fall over (%i)', async (index) => {
    const { name, ...verifier } = verifiers[index]!;
    const { accepted, crashes, tried } = await acceptedOf({ ...verifier, runs, seed });
    expect({ name, seed, accepted, crashes }).toEqual({ name, seed, accepted: [], crashes: [] });
    expect(tried).toBeGreaterThan(runs * 0.9);
  });

  it('would be noticed: a verifier that looks at two of the three parts is caught', async () => {
    const [own] = verifiers;
    const good = new Set(own!.tokens.map((token) => token.split('.').slice(0, 2).join('.')));
    const careless = async (token: string) => {
      if (!good.has(token.split('.').slice(0, 2).join('.'))) {
        throw Object.assign(new Error('refused'), { code: 'token_malformed' });
      }
    };
    const { accepted } = await acceptedOf({ tokens: own!.tokens, verify: careless, runs: 2_000, seed });
    expect(accepted.length).toBeGreaterThan(50);
  });
});
