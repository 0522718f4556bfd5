import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../src/protocol/limits.ts';
import { type Inbound, readMessage } from '../../../../src/proxy/inbound.ts';
import { Buckets } from '../../../../src/proxy/policy/buckets.ts';
import { Policy, policyDefaults } from '../../../../src/proxy/policy/policy.ts';
import type { Asking } from '../../../../src/proxy/policy/rules.ts';
import { TokenBucket } from '../../../../src/proxy/policy/token-bucket.ts';
import type { SignedIn } from '../../../../src/proxy/session.ts';

const match = 'm_0123456789abcdef';
const following = (): boolean => true;
const quiet: Asking = { unanswered: 0, follows: 0, isFollowing: () => false };

function session(player: string, id: string): SignedIn {
  return { player, session: id } as never;
}

function inbound(method: string, params: object): Inbound {
  const reading = readMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  if (reading.kind !== 'request') throw new Error(JSON.stringify(reading));
  return reading.request;
}

describe('TokenBucket', () => {
  it('never lets more through than burst and rate allow, and never less to one who waits as told', () => {
    const step = fc.record({ wait: fc.nat(400), take: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const shape = { perSecond: 10, burst: 5 };
        const bucket = new TokenBucket(shape, 0);
        let now = 0;
        let passed = 0;
        for (const { wait, take } of steps) {
          now += wait;
          for (let count = 0; count < take; count += 1) if (bucket.take(now) === 0) passed += 1;
          expect(passed).toBeLessThanOrEqual(shape.burst + (now / 1000) * shape.perSecond + 1e-4);
        }
        const told = bucket.take(now);
        if (told > 0) expect(bucket.take(now + told)).toBe(0);
      }),
    );
  });

  it('gives nothing for a clock that goes back', () => {
    const bucket = new TokenBucket({ perSecond: 1, burst: 1 }, 1_000);
    expect(bucket.take(1_000)).toBe(0);
    expect(bucket.take(0)).toBeGreaterThan(0);
    expect(bucket.take(500)).toBeGreaterThan(0);
  });
});

describe('Buckets', () => {
  it('holds a bounded number, and forgets a full one before one that is in use', () => {
    const buckets = new Buckets({ perSecond: 1, burst: 2 }, 3);
    for (const key of ['a', 'b', 'c']) buckets.of(key, 0).take(0);
    buckets.of('a', 0).take(0);
    buckets.of('d', 1_000).take(1_000);
    expect(buckets.size).toBe(3);
    expect(buckets.of('a', 1_000).take(1_000)).toBe(0);
    expect(buckets.of('a', 1_000).take(1_000)).toBeGreaterThan(0);
  });
});

describe('Policy.rate', () => {
  it('lets a burst through, then refuses with its rule and when to come again, then calls it a flood', () => {
    const now = 0;
    const policy = new Policy({ now: () => now });
    const ada = session('p_ada', 's_ada');
    const verdicts = Array.from({ length: 400 }, () => policy.rate(ada));
    const { burst } = policyDefaults.session;
    expect(verdicts.slice(0, burst).every((verdict) => verdict === undefined)).toBe(true);
    expect(verdicts[burst]).toMatchObject({ code: 'rate_limited', rule: 'rate.session', retryAfterMs: 34 });
    expect(verdicts[burst + policyDefaults.floodAfter]).toBe('flood');
  });

  it('counts a player’s sessions together', () => {
    const policy = new Policy({ now: () => 0 });
    const verdicts = Array.from({ length: 121 }, (_, index) =>
      policy.rate(session('p_ada', `s_${index % 4}`)),
    );
    expect(verdicts.slice(0, 120).every((verdict) => verdict === undefined)).toBe(true);
    expect(verdicts[120]).toMatchObject({ rule: 'rate.account' });
  });

  it('never throttles one player for another’s traffic', () => {
    const policy = new Policy({ now: () => 0 });
    for (let count = 0; count < 1_000; count += 1) policy.rate(session('p_eve', 's_eve'));
    expect(policy.rate(session('p_ada', 's_ada'))).toBeUndefined();
  });

  it('forgives after a rest', () => {
    let now = 0;
    const policy = new Policy({ now: () => now });
    const ada = session('p_ada', 's_ada');
    for (let count = 0; count < 350; count += 1) policy.rate(ada);
    now = 10_000;
    expect(policy.rate(ada)).toBeUndefined();
  });
});

describe('Policy.admit', () => {
  const policy = new Policy();
  const commandId = 'c_12345678';

  it.each([
    [
      'in-flight.socket',
      'too_many_in_flight',
      'match.list',
      { filter: 'mine' },
      { unanswered: limits.commandsInFlight },
    ],
    ['follows.socket', 'too_many_follows', 'match.watch', { match }, { follows: limits.followedMatches }],
    [
      'follows.socket',
      'too_many_follows',
      'match.join',
      { code: '23456789', commandId },
      { follows: limits.followedMatches },
    ],
    [
      'follows.socket',
      'too_many_follows',
      'match.create',
      { game: 'tic-tac-toe', commandId },
      { follows: limits.followedMatches },
    ],
    ['follows.unwatch', 'not_following', 'match.unwatch', { match }, {}],
    ['size.move', 'params_invalid', 'match.move', { match, seq: 1, commandId, move: 'é'.repeat(512) }, {}],
  ])('%s refuses as %s', (rule, code, method, params, asking) => {
    expect(policy.admit(inbound(method, params), { ...quiet, ...asking })).toMatchObject({
      kind: 'refusal',
      refusal: { rule, code },
    });
  });

  it.each([
    ['match.list', { filter: 'mine' }, { unanswered: limits.commandsInFlight - 1 }],
    ['match.watch', { match }, { follows: limits.followedMatches, isFollowing: following }],
    ['match.move', { match, seq: 1, commandId, move: 'é'.repeat(511) }, { follows: limits.followedMatches }],
    ['match.unwatch', { match }, { isFollowing: following }],
  ])('admits %s at the edge', (method, params, asking) => {
    expect(policy.admit(inbound(method, params), { ...quiet, ...asking })).toMatchObject({
      kind: 'admitted',
    });
  });
});
