import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BalancingPolicyName,
  balancingPolicies,
  balancingPolicy,
  type Candidate,
} from '../../../../src/proxy/balancing/balancing-policy.ts';
import { leastShare, slowStartShare } from '../../../../src/proxy/balancing/slow-start.ts';

/** The same sequence for the same seed (mulberry32), from 0 up to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Loaded extends Candidate {
  load: number;
}

/** Sends so many connections that stay, and gives what share of them each got. */
function shares(name: BalancingPolicyName, weights: readonly number[], count = 6_000): number[] {
  const policy = balancingPolicy(name, seeded(1));
  const candidates = weights.map((weight, index): Loaded => ({ id: `u${index}`, weight, load: 0 }));
  for (let number = 0; number < count; number += 1) {
    const chosen = policy.choose(candidates, `player-${number}`);
    if (chosen !== undefined) chosen.load += 1;
  }
  return candidates.map(({ load }) => load / count);
}

describe.each(balancingPolicies)('%s', (name) => {
  it.each([[[1, 1, 1]], [[1, 2, 3]], [[5, 1]], [[0.1, 1]]])('shares by the weights %j', (weights) => {
    const sum = weights.reduce((total, each) => total + each, 0);
    for (const [index, share] of shares(name, weights).entries()) {
      expect(Math.abs(share - (weights[index] ?? 0) / sum)).toBeLessThan(0.05);
    }
  });

  it('chooses one of the candidates whatever they are, and nothing of nothing', () => {
    const candidate = fc.record({
      id: fc.string(),
      weight: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
      load: fc.nat(100_000),
    });
    const policy = balancingPolicy(name);
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 6 }), fc.string(), (candidates, key) => {
        const chosen = policy.choose(candidates, key);
        if (candidates.length === 0) expect(chosen).toBeUndefined();
        else expect(candidates).toContain(chosen);
      }),
    );
  });
});

describe('least-connections', () => {
  it('takes the least loaded for its weight, and any among equals', () => {
    const policy = balancingPolicy('least-connections', seeded(7));
    const busy = { id: 'busy', weight: 1, load: 3 };
    const strong = { id: 'strong', weight: 4, load: 8 };
    expect(policy.choose([busy, strong], '')).toBe(strong);
    const idle = ['a', 'b', 'c'].map((id) => ({ id, weight: 1, load: 0 }));
    const chosen = new Set(Array.from({ length: 100 }, () => policy.choose(idle, '')?.id));
    expect([...chosen].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('random-of-two', () => {
  it('never takes the one with the most to do of three', () => {
    const policy = balancingPolicy('random-of-two', seeded(3));
    const candidates = [0, 5, 50].map((load, index) => ({ id: `u${index}`, weight: 1, load }));
    for (let round = 0; round < 500; round += 1) expect(policy.choose(candidates, '')?.load).not.toBe(50);
  });
});

describe('round-robin', () => {
  it('goes round evenly instead of in runs', () => {
    const policy = balancingPolicy('round-robin');
    const candidates = [
      { id: 'a', weight: 2, load: 0 },
      { id: 'b', weight: 1, load: 0 },
      { id: 'c', weight: 1, load: 0 },
    ];
    const order = Array.from({ length: 8 }, () => policy.choose(candidates, '')?.id).join('');
    expect(order).toBe('abcaabca');
  });
});

describe('rendezvous', () => {
  it('keeps a key where it is while others come and go', () => {
    const policy = balancingPolicy('rendezvous');
    const all = ['a', 'b', 'c', 'd'].map((id) => ({ id, weight: 1, load: 0 }));
    fc.assert(
      fc.property(fc.string(), fc.subarray(all), (key, some) => {
        const owner = policy.choose(all, key);
        if (owner !== undefined && some.includes(owner)) expect(policy.choose(some, key)).toBe(owner);
      }),
    );
  });
});

describe('slow start', () => {
  it('grows from the least share to the whole weight, and never shrinks', () => {
    const times = fc.tuple(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
    );
    fc.assert(
      fc.property(times, fc.nat(120_000), ([one, other], overMs) => {
        const [earlier, later] = one < other ? [one, other] : [other, one];
        const before = slowStartShare(earlier, overMs);
        const after = slowStartShare(later, overMs);
        expect(before).toBeGreaterThanOrEqual(leastShare);
        expect(after).toBeGreaterThanOrEqual(before);
        expect(after).toBeLessThanOrEqual(1);
        expect(slowStartShare(overMs, overMs)).toBe(1);
      }),
    );
  });
});
