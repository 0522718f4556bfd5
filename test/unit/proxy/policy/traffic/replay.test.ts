import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../../../src/protocol/refusals.ts';
import { readMessage } from '../../../../../src/proxy/inbound.ts';
import type { FilterSettings } from '../../../../../src/proxy/policy/filters/filter-rule.ts';
import { Filters, SocketFilter } from '../../../../../src/proxy/policy/filters/filters.ts';
import { gameRoute, upgradeKind } from '../../../../../src/proxy/policy/filters/kinds.ts';
import { Caller } from '../../../../../src/proxy/policy/limits/caller.ts';
import { TurnPass } from '../../../../../src/proxy/policy/limits/turn-pass.ts';
import { Policy, type PolicySettings } from '../../../../../src/proxy/policy/policy.ts';
import { PolicyComparison } from '../../../../../src/proxy/policy/traffic/compare-policies.ts';
import { Replay } from '../../../../../src/proxy/policy/traffic/replay.ts';
import type { TrafficRecord } from '../../../../../src/proxy/policy/traffic/traffic-record.ts';
import { limitDefaults } from '../../../../../src/settings/index.ts';

const match = 'm_0123456789abcdef';
const commandId = 'c_12345678';

/** Narrow, so that a short run meets every bound. */
const narrow: PolicySettings = {
  limits: {
    ...limitDefaults,
    session: { ...limitDefaults.session, sockets: 2, messages: { perSecond: 2, burst: 4 } },
    account: { ...limitDefaults.account, sockets: 3, messages: { perSecond: 3, burst: 6 } },
    address: {
      ...limitDefaults.address,
      strangers: { base: 3, perAccount: 1 },
      requests: { base: { perSecond: 1, burst: 4 }, perAccount: { perSecond: 1, burst: 1 } },
      messages: { base: { perSecond: 1, burst: 2 }, perAccount: { perSecond: 1, burst: 2 } },
    },
    refused: { perSecond: 1, burst: 3 },
  },
  filters: [
    { id: 'no-lists', action: 'deny', kinds: ['match.list'], addresses: ['192.0.2.1'] },
    { id: 'watching', action: 'shadow', kinds: ['match.*'] },
  ],
};

interface Step {
  readonly what: 'connect' | 'signIn' | 'list' | 'turn' | 'ping' | 'request' | 'end';
  readonly who: number;
  readonly wait: number;
}

const listsAndTurns = ['list', 'turn', 'list', 'turn', 'list', 'turn'] as const;
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('connect', 'signIn', ...listsAndTurns, 'ping', 'request', 'end'),
  who: fc.nat(3),
  wait: fc.nat(200),
});

/** Plays the steps on a policy that records them; gives what came of each, and the records. */
async function play(steps: readonly Step[]): Promise<{ outcomes: string[]; records: TrafficRecord[] }> {
  let now = 1_000;
  const policy = new Policy({
    limits: narrow.limits,
    filters: new Filters(narrow.filters),
    now: () => now,
  });
  const stop = new AbortController();
  const recording = policy.record({ maskAddresses: false }, stop.signal);
  const first = recording.next();
  const callers = new Map<number, { caller: Caller; pass: TurnPass; filter: SocketFilter; seq: number }>();
  const outcomes: string[] = [];
  const drop = (who: number) => {
    callers.get(who)?.caller.end();
    callers.delete(who);
  };
  for (const { what, who, wait } of steps) {
    now += wait;
    const known = callers.get(who);
    if (what === 'connect') {
      if (known !== undefined) continue;
      const address = `192.0.2.${who % 2}`;
      const caller = policy.connect(address);
      outcomes.push(caller instanceof Caller ? 'admitted' : (caller.rule ?? ''));
      if (!(caller instanceof Caller)) continue;
      const filter = new SocketFilter({ address, route: gameRoute, origin: 'none' });
      callers.set(who, { caller, pass: new TurnPass(), filter, seq: 0 });
      continue;
    }
    if (known === undefined) continue;
    const { caller, pass, filter } = known;
    const isSignedIn = caller.sender !== undefined;
    if (what === 'request') {
      const refusal = policy.request(caller, { route: 'api', kind: 'GET /api/games', origin: 'none' });
      outcomes.push(refusal?.rule ?? 'admitted');
    } else if (what === 'signIn' && !isSignedIn) {
      const upgrade = policy.request(caller, { route: gameRoute, kind: upgradeKind, origin: 'none' });
      outcomes.push(upgrade?.rule ?? 'admitted');
      const refusal =
        upgrade ?? policy.signIn(caller, { player: `p${who % 3}`, session: `s${who % 4}` } as never);
      if (upgrade === undefined) outcomes.push(refusal?.rule ?? 'admitted');
      if (refusal !== undefined) drop(who);
    } else if (what === 'ping' && isSignedIn) {
      const verdict = policy.control(caller);
      outcomes.push(verdict === 'admitted' ? 'admitted' : 'rate');
      if (verdict === 'flood') drop(who);
    } else if ((what === 'list' || what === 'turn') && isSignedIn) {
      known.seq += 1;
      const asked =
        what === 'list'
          ? { method: 'match.list', params: { filter: 'mine' } }
          : { method: 'match.move', params: { match, seq: known.seq, commandId, move: 1 } };
      const reading = readMessage(JSON.stringify({ jsonrpc: '2.0', id: 1, ...asked }));
      if (reading.kind === 'violation') throw new Error('unreadable');
      const asking = {
        caller,
        filter,
        unanswered: 0,
        follows: 0,
        isFollowing: () => true,
        turnPass: () => (what === 'turn' ? pass : undefined),
      };
      const verdict = policy.judge(reading, asking, 60);
      outcomes.push(verdict.kind === 'admitted' ? 'admitted' : (verdict.refusal.rule ?? ''));
      if (verdict.kind === 'flood') drop(who);
      // Every other move is illegal.
      if (verdict.kind === 'admitted' && known.seq % 2 === 0) verdict.turn?.refused(refuse('move_illegal'));
    } else if (what === 'end') {
      drop(who);
    }
  }
  stop.abort();
  const records: TrafficRecord[] = [];
  for (let batch = await first; !batch.done; batch = await recording.next()) records.push(...batch.value);
  return { outcomes, records };
}

const decided = new Set(['connect', 'request', 'signIn', 'message', 'control']);

describe('a replay', () => {
  it('decides under the same settings as the policy that was recorded did', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 160, size: 'max' }), async (steps) => {
        const { outcomes, records } = await play(steps);
        const replay = new Replay(narrow);
        const replayed = records.flatMap((record) => {
          const outcome = replay.take(record);
          // What was turned away came and went: its end comes after its refusal.
          if (!decided.has(record.e)) return [];
          return [outcome.kind === 'admitted' ? 'admitted' : (outcome.rule ?? outcome.kind)];
        });
        refused += outcomes.filter((outcome) => outcome !== 'admitted').length;
        expect(replayed).toEqual(outcomes);
      }),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it('holds nothing of who was there but numbers and addresses', async () => {
    const { records } = await play([
      { what: 'connect', who: 1, wait: 0 },
      { what: 'signIn', who: 1, wait: 0 },
      { what: 'turn', who: 1, wait: 5 },
    ]);
    expect(records).toEqual([
      { t: 0, c: 0, e: 'connect', a: '192.0.2.1' },
      { t: 0, c: 0, e: 'request', r: 'game', k: 'GET /play', o: 'none' },
      { t: 0, c: 0, e: 'signIn', p: 0, s: 0 },
      { t: 5, c: 0, e: 'message', k: 'match.move', b: 60, turn: true },
    ]);
  });
});

describe('two policies compared', () => {
  const open: PolicySettings = { limits: limitDefaults, filters: [] };
  const rules = (...filters: FilterSettings[]): PolicySettings => ({ limits: limitDefaults, filters });
  const traffic: TrafficRecord[] = [
    { t: 0, c: 0, e: 'connect', a: '192.0.2.7' },
    { t: 1, c: 0, e: 'request', r: 'game', k: 'GET /play', o: 'none' },
    { t: 2, c: 0, e: 'signIn', p: 0, s: 0 },
    { t: 1_500, c: 0, e: 'message', k: 'match.list', b: 60 },
    { t: 1_600, c: 0, e: 'message', k: 'match.list', b: 60 },
    { t: 1_700, c: 0, e: 'end' },
  ];
  function compare(before: PolicySettings, after: PolicySettings): PolicyComparison {
    const comparison = new PolicyComparison(before, after);
    for (const record of traffic) comparison.take(record);
    return comparison;
  }

  it('differ in nothing when they are the same', () => {
    expect(compare(open, open)).toMatchObject({ records: 6, cut: 0, changes: [] });
  });

  it('say what a rule would refuse, what it would let in, and what it would count in the shadow', () => {
    const noLists: FilterSettings = { id: 'no-lists', action: 'deny', kinds: ['match.list'] };
    const examples = ['match.list from 192.0.2.7 at 1.5 s', 'match.list from 192.0.2.7 at 1.6 s'];
    const none = { rule: 'no-lists', newlyRefused: 0, newlyAdmitted: 0, shadowed: 0, examples };
    expect(compare(open, rules(noLists)).changes).toEqual([{ ...none, newlyRefused: 2 }]);
    expect(compare(rules(noLists), open).changes).toEqual([{ ...none, newlyAdmitted: 2 }]);
    const shadow: FilterSettings = { ...noLists, action: 'shadow' };
    expect(compare(open, rules(shadow)).changes).toEqual([{ ...none, shadowed: 2 }]);
  });

  it('give the request id of an example, where one is known, to that example alone', () => {
    const noLists: FilterSettings = { id: 'no-lists', action: 'deny', kinds: ['match.list'] };
    const comparison = new PolicyComparison(open, rules(noLists));
    const [connect, request, signIn, first, second] = traffic as [TrafficRecord, ...TrafficRecord[]];
    const named: TrafficRecord[] = [
      ...[connect, request as TrafficRecord, signIn as TrafficRecord, first as TrafficRecord],
      { t: 1_500, c: 0, e: 'id', i: 'r_1' },
      { t: 1_501, c: 0, e: 'id', i: 'r_2' },
      second as TrafficRecord,
    ];
    for (const record of named) comparison.take(record);
    expect(comparison.changes).toMatchObject([
      { examples: ['match.list from 192.0.2.7 at 1.5 s, r_1', 'match.list from 192.0.2.7 at 1.6 s'] },
    ]);
    expect(comparison.records).toBe(5);
  });

  it('count what would not have come, since its connection would have been refused', () => {
    const nobody: FilterSettings = { id: 'nobody', action: 'deny', addresses: ['192.0.2.0/24'] };
    const comparison = compare(open, rules(nobody));
    expect(comparison.changes).toMatchObject([{ rule: 'nobody', newlyRefused: 1 }]);
    expect(comparison.cut).toBe(5);
  });

  it('find a smaller budget', () => {
    const messages = { perSecond: 0.1, burst: 1 };
    const tight = {
      limits: { ...limitDefaults, session: { ...limitDefaults.session, messages } },
      filters: [],
    };
    expect(compare(open, tight).changes).toMatchObject([{ rule: 'rate.session', newlyRefused: 1 }]);
  });
});
