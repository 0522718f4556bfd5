import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../../../src/proxy/policy/limits/caller.ts';
import type { LimitSettings } from '../../../../../src/proxy/policy/limits/limit-settings.ts';
import { Limits } from '../../../../../src/proxy/policy/limits/limits.ts';
import { limitDefaults } from '../../../../../src/settings/index.ts';
import { heapInUse } from '../../../../support/heap-in-use.ts';

let now = 0;
function limits(settings: LimitSettings = limitDefaults): Limits {
  now = 0;
  return new Limits(settings, () => now);
}

function connect(all: Limits, address = '192.0.2.7'): Caller {
  const caller = all.connect(address);
  if (typeof caller === 'string') throw new Error(caller);
  return caller;
}

function signedIn(all: Limits, name: string, address?: string): Caller {
  const caller = connect(all, address);
  const rule = caller.signIn({ player: `p_${name}`, session: `s_${name}` } as never);
  if (rule !== undefined) throw new Error(rule);
  return caller;
}

/** A small address, so that its bounds are reached soon. */
const small: LimitSettings = {
  ...limitDefaults,
  address: {
    ...limitDefaults.address,
    connections: { base: 4, perAccount: 2 },
    strangers: { base: 3, perAccount: 1 },
    messages: { base: { perSecond: 1, burst: 2 }, perAccount: { perSecond: 5, burst: 10 } },
  },
};

describe('B15 the budget of an address', () => {
  it('bounds strangers and connections, counts what has gone no more, and grows with the accounts behind it', () => {
    const all = limits(small);
    const strangers = [connect(all), connect(all), connect(all)];
    expect(all.connect('192.0.2.7')).toBe('strangers.address');
    expect(typeof all.connect('192.0.2.8')).toBe('object');

    strangers[0]?.signIn({ player: 'p_ada', session: 's_ada' } as never);
    // Three connections, one of them signed in: one more stranger for the account, and one for the place that became free.
    connect(all);
    connect(all);
    expect(all.connect('192.0.2.7')).toBe('strangers.address');
    strangers[1]?.end();
    strangers[1]?.end();
    connect(all);
    expect(all.connect('192.0.2.7')).toBe('strangers.address');
    // The account has gone, and what grew with it.
    strangers[0]?.end();
    expect(all.connect('192.0.2.7')).toBe('connections.address');
  });

  it('bounds the connections at once, however many have signed in', () => {
    const all = limits({ ...small, address: { ...small.address, strangers: { base: 100, perAccount: 0 } } });
    for (let count = 0; count < 6; count += 1) signedIn(all, 'ada');
    expect(all.connect('192.0.2.7')).toBe('connections.address');
  });

  it('bounds new connections a second, and requests, and says truly when to come again', () => {
    const all = limits({
      ...limitDefaults,
      address: {
        ...limitDefaults.address,
        handshakes: { base: { perSecond: 1, burst: 2 }, perAccount: { perSecond: 1, burst: 1 } },
        requests: { base: { perSecond: 2, burst: 1 }, perAccount: { perSecond: 1, burst: 1 } },
      },
    });
    const first = connect(all);
    connect(all).end();
    expect(all.connect('192.0.2.7')).toBe('handshakes.address');
    expect(first.request()).toBe(0);
    const wait = first.request();
    expect(wait).toBe(500);
    now += wait - 1;
    expect(first.request()).toBeGreaterThan(0);
    now += 1;
    expect(first.request()).toBe(0);
  });

  it('takes an IPv6 /64 for one address, and a mapped IPv4 for itself', () => {
    const all = limits(small);
    for (const host of ['1', '2', '3']) connect(all, `2001:db8:1:2::${host}`);
    expect(all.connect('2001:db8:1:2:ffff::1')).toBe('strangers.address');
    expect(typeof all.connect('2001:db8:1:3::1')).toBe('object');
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.7']) connect(all, address);
    expect(all.connect('::ffff:192.0.2.7')).toBe('strangers.address');
  });

  it('keeps a bounded number of strangers’ addresses, hundreds of thousands of them spent and gone', () => {
    const all = limits();
    const before = heapInUse();
    for (let count = 0; count < 250_000; count += 1) {
      const caller = connect(all, `${count >> 16}.${(count >> 8) & 255}.${count & 255}.1`);
      caller.request();
      caller.end();
    }
    expect(all.addresses.inUse).toBe(0);
    expect(all.addresses.resting).toBe(20_000);
    expect(heapInUse() - before).toBeLessThan(100 * 1024 * 1024);
  }, 60_000);
});

describe('the budgets of a sender', () => {
  it('bound the sockets of a session and of an account', () => {
    const all = limits({
      ...limitDefaults,
      session: { ...limitDefaults.session, sockets: 2 },
      account: { ...limitDefaults.account, sockets: 3 },
    });
    const ids = (session: string) => ({ player: 'p_ada', session }) as never;
    const first = connect(all);
    expect(first.signIn(ids('s_1'))).toBeUndefined();
    expect(connect(all).signIn(ids('s_1'))).toBeUndefined();
    expect(connect(all).signIn(ids('s_1'))).toBe('sockets.session');
    expect(connect(all).signIn(ids('s_2'))).toBeUndefined();
    expect(connect(all).signIn(ids('s_3'))).toBe('sockets.account');
    first.end();
    expect(connect(all).signIn(ids('s_3'))).toBeUndefined();
  });

  it('count the bytes as well as the messages', () => {
    const all = limits();
    const ada = signedIn(all, 'ada');
    const large = 16 * 1024;
    let passed = 0;
    while (ada.spend(large) === undefined) passed += 1;
    expect(passed * large).toBe(limitDefaults.session.bytes.burst);
    expect(ada.spend(large)).toMatchObject({ rule: 'rate.session', retryAfterMs: 250 });
  });

  it('count a player’s sessions together', () => {
    const all = limits();
    const sessions = [1, 2, 3, 4].map((number) => {
      const caller = connect(all, `192.0.2.${number}`);
      caller.signIn({ player: 'p_ada', session: `s_${number}` } as never);
      return caller;
    });
    const verdicts = Array.from({ length: 121 }, (_, index) => sessions[index % 4]?.spend(10));
    expect(verdicts.slice(0, 120).every((verdict) => verdict === undefined)).toBe(true);
    expect(verdicts[120]).toMatchObject({ rule: 'rate.account' });
  });

  it('are found spent by who hangs up and comes back', () => {
    const all = limits();
    const ada = signedIn(all, 'ada');
    while (ada.spend(10) === undefined);
    ada.end();
    expect(signedIn(all, 'ada').spend(10)).toMatchObject({ rule: 'rate.session' });
    expect(all.sessions.resting).toBe(0);
    expect(all.sessions.inUse).toBe(1);
  });

  it('call it a flood when refusals do not slow the sender down, and forgive after a rest', () => {
    const all = limits();
    const eve = signedIn(all, 'eve');
    const verdicts = Array.from({ length: 400 }, () => eve.spend(10));
    const { burst } = limitDefaults.session.messages;
    expect(verdicts.findIndex((verdict) => verdict !== undefined)).toBe(burst);
    expect(verdicts.findIndex((verdict) => verdict?.isFlood)).toBe(burst + limitDefaults.refused.burst);
    now += 30_000;
    for (let count = 0; count < burst; count += 1) expect(eve.spend(10)).toBeUndefined();
    expect(eve.spend(10)).toMatchObject({ isFlood: false });
  });

  it('change while they are in use, and forget nothing', () => {
    const all = limits();
    const ada = signedIn(all, 'ada');
    for (let count = 0; count < 50; count += 1) ada.spend(10);
    all.apply({
      ...limitDefaults,
      session: { ...limitDefaults.session, messages: { perSecond: 1, burst: 20 } },
    });
    // Ten of sixty were left.
    for (let count = 0; count < 10; count += 1) expect(ada.spend(10)).toBeUndefined();
    expect(ada.spend(10)).toMatchObject({ rule: 'rate.session', retryAfterMs: 1_000 });
  });
});

describe('nobody’s traffic refuses what somebody else may send', () => {
  it('behind one address: an account’s share stays its own, whatever the others do', () => {
    const flood = fc.array(fc.record({ who: fc.nat(4), count: fc.nat(200), wait: fc.nat(500) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(flood, (steps) => {
        const all = limits(small);
        const ada = signedIn(all, 'ada');
        const others = [0, 1, 2, 3, 4].map((number) => signedIn(all, `eve${number}`));
        let next = 0;
        for (const { who, count, wait } of steps) {
          now += wait;
          for (let sent = 0; sent < count; sent += 1) others[who]?.spend(1_000);
          // Five a second are her share.
          while (next <= now) {
            expect(ada.spend(100)).toBeUndefined();
            next += 200;
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('a refusal says truly when to come again, whatever the others do meanwhile', () => {
    const step = fc.record({ burst: fc.nat(100), bytes: fc.integer({ min: 1, max: 16_384 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const all = limits(small);
        const ada = signedIn(all, 'ada');
        const eve = signedIn(all, 'eve');
        for (const { burst, bytes } of steps) {
          for (let sent = 0; sent < burst; sent += 1) ada.spend(bytes);
          const refused = ada.spend(bytes);
          for (let sent = 0; sent < 300; sent += 1) eve.spend(1_000);
          if (refused === undefined) continue;
          now += refused.retryAfterMs;
          for (let sent = 0; sent < 300; sent += 1) eve.spend(1_000);
          expect(ada.spend(bytes)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });
});
