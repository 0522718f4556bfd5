import { describe, expect, it } from 'vitest';
import { Registry } from '../../../../src/process/metrics.ts';
import { limits } from '../../../../src/protocol/limits.ts';
import { type RefusalCode, refuse } from '../../../../src/protocol/refusals.ts';
import { readMessage } from '../../../../src/proxy/inbound.ts';
import { TurnPass } from '../../../../src/proxy/policy/limits/turn-pass.ts';
import { Policy, type Verdict } from '../../../../src/proxy/policy/policy.ts';
import type { Asking } from '../../../../src/proxy/policy/rules.ts';
import { limitDefaults } from '../../../../src/settings/index.ts';
import { asking, signedInCaller } from '../../../support/policy-asking.ts';

const match = 'm_0123456789abcdef';
const commandId = 'c_12345678';
const following = (): boolean => true;
const { burst } = limitDefaults.session.messages;

function reading(method: string, params: object) {
  const read = readMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  if (read.kind === 'violation') throw new Error(JSON.stringify(read));
  return read;
}

const list = reading('match.list', { filter: 'mine' });
const move = (seq: number) => reading('match.move', { match, seq, commandId, move: 4 });

describe('Policy.judge', () => {
  it('lets a burst through, then refuses with its rule and when to come again, then calls it a flood', () => {
    const policy = new Policy({ now: () => 0 });
    const socket = asking(policy);
    const verdicts = Array.from({ length: 400 }, () => policy.judge(list, socket, 60));
    expect(verdicts.slice(0, burst).every(({ kind }) => kind === 'admitted')).toBe(true);
    expect(verdicts[burst]).toMatchObject({
      kind: 'refusal',
      refusal: { code: 'rate_limited', rule: 'rate.session', retryAfterMs: 34 },
    });
    expect(verdicts[burst + limitDefaults.refused.burst]).toMatchObject({
      kind: 'flood',
      refusal: { retryAfterMs: 34 },
    });
  });

  it('counts a message that does not fit its method as well', () => {
    const policy = new Policy({ now: () => 0 });
    const socket = asking(policy);
    const nonsense = reading('match.list', { filter: 'none' });
    for (let count = 0; count < burst; count += 1) {
      expect(policy.judge(nonsense, socket, 60)).toMatchObject({ refusal: { code: 'params_invalid' } });
    }
    expect(policy.judge(nonsense, socket, 60)).toMatchObject({ refusal: { code: 'rate_limited' } });
  });

  it.each<[string, RefusalCode, string, object, Partial<Asking>]>([
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
  ])('%s refuses as %s', (rule, code, method, params, differences) => {
    const policy = new Policy();
    expect(policy.judge(reading(method, params), asking(policy, differences), 60)).toMatchObject({
      kind: 'refusal',
      refusal: { rule, code },
    });
  });

  it.each<[string, object, Partial<Asking>]>([
    ['match.list', { filter: 'mine' }, { unanswered: limits.commandsInFlight - 1 }],
    ['match.watch', { match }, { follows: limits.followedMatches, isFollowing: following }],
    ['match.move', { match, seq: 1, commandId, move: 'é'.repeat(511) }, { follows: limits.followedMatches }],
    ['match.unwatch', { match }, { isFollowing: following }],
  ])('admits %s at the edge', (method, params, differences) => {
    const policy = new Policy();
    expect(policy.judge(reading(method, params), asking(policy, differences), 60)).toMatchObject({
      kind: 'admitted',
    });
  });

  it('counts each refusal under its rule, where the operator can see it', async () => {
    const metrics = new Registry();
    const policy = new Policy({ now: () => 0, metrics });
    const socket = asking(policy);
    for (let count = 0; count < burst + 3; count += 1) policy.judge(list, socket, 60);
    const other = asking(policy, { caller: signedInCaller(policy, { player: 'p_bob' }) });
    policy.judge(reading('match.unwatch', { match }), other, 60);
    const text = await metrics.metrics();
    expect(text).toContain('castling_policy_refusals_total{rule="rate.session"} 3');
    expect(text).toContain('castling_policy_refusals_total{rule="follows.unwatch"} 1');
    expect(text).toContain('castling_policy_budgets{of="sessions"} 2');
  });
});

describe('promise 10: the move of the seat whose turn it is', () => {
  /** A socket whose seat is to fill sequence 5. */
  function onTurn(policy: Policy, differences: Partial<Asking> = {}): Asking {
    const pass = new TurnPass();
    return asking(policy, { turnPass: (_match, seq) => (seq === 5 ? pass : undefined), ...differences });
  }
  const kinds = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind);

  it('passes when every budget of its session, its account and its address is spent, by whomever', () => {
    const policy = new Policy({ now: () => 0 });
    const address = '192.0.2.1';
    const caller = signedInCaller(policy, { address });
    const others = Array.from({ length: 20 }, (_, index) =>
      asking(policy, { caller: signedInCaller(policy, { address, player: `p_eve${index}` }) }),
    );
    for (const other of others) for (let count = 0; count < 200; count += 1) policy.judge(list, other, 60);
    const socket = onTurn(policy, { caller, unanswered: limits.commandsInFlight });
    for (let count = 0; count < 200; count += 1) policy.judge(list, socket, 60);
    expect(policy.judge(list, socket, 60)).toMatchObject({ refusal: { code: 'rate_limited' } });
    expect(policy.judge(move(4), socket, 60)).toMatchObject({ refusal: { code: 'rate_limited' } });
    expect(policy.judge(move(5), socket, 60)).toMatchObject({ kind: 'admitted', turn: expect.anything() });
  });

  it('passes once: a second one while the first is on its way counts as any message does', () => {
    const policy = new Policy({ now: () => 0 });
    const socket = onTurn(policy);
    const verdicts = Array.from({ length: burst + 2 }, () => policy.judge(move(5), socket, 60));
    expect(kinds(verdicts)).toEqual([...Array(burst + 1).fill('admitted'), 'refusal']);
    expect(
      verdicts.filter((verdict) => verdict.kind === 'admitted' && verdict.turn !== undefined),
    ).toHaveLength(1);
  });

  it('passes again when it was not legal, and is paid for: illegal ones come to an end', () => {
    let now = 0;
    const policy = new Policy({ now: () => now });
    const socket = onTurn(policy);
    let tries = 0;
    for (;;) {
      const verdict = policy.judge(move(5), socket, 60);
      if (verdict.kind !== 'admitted') break;
      tries += 1;
      verdict.turn?.refused(refuse('move_illegal'));
    }
    // What the bucket holds, and as much again on credit.
    expect(tries).toBe(2 * burst);
    now += 1_000 / limitDefaults.session.messages.perSecond + 1;
    expect(policy.judge(move(5), socket, 60)).toMatchObject({ kind: 'admitted' });
  });

  it('costs nothing when it was the server that could not make it', () => {
    const policy = new Policy({ now: () => 0 });
    const socket = onTurn(policy);
    for (let count = 0; count < 1_000; count += 1) {
      const verdict = policy.judge(move(5), socket, 60);
      if (verdict.kind !== 'admitted') throw new Error('throttled');
      verdict.turn?.refused(refuse('backend_unavailable'));
    }
    expect(policy.judge(list, socket, 60)).toMatchObject({ kind: 'admitted' });
  });

  it('is refused all the same when it is too large to be one, and paid for', () => {
    const policy = new Policy({ now: () => 0 });
    const socket = onTurn(policy);
    const large = reading('match.move', { match, seq: 5, commandId, move: 'x'.repeat(2_000) });
    for (let count = 0; count < 2 * burst; count += 1) {
      expect(policy.judge(large, socket, 2_100)).toMatchObject({ refusal: { rule: 'size.move' } });
    }
    expect(policy.judge(large, socket, 2_100)).toMatchObject({ refusal: { rule: 'rate.session' } });
  });
});
