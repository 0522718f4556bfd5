import { describe, expect, it } from 'vitest';
import { isAvailable } from '../../../../src/proxy/balancing/availability.ts';
import { Balancer, type NoneAvailable } from '../../../../src/proxy/balancing/balancer.ts';
import { balancingPolicies, balancingPolicy } from '../../../../src/proxy/balancing/balancing-policy.ts';
import { isRepeatable } from '../../../../src/proxy/balancing/retry-safety.ts';
import { leastShare } from '../../../../src/proxy/balancing/slow-start.ts';
import { type Lease, Upstream, type UpstreamChange } from '../../../../src/proxy/balancing/upstream.ts';

const slowStartMs = 10_000;
const places = 40;

function setUp(policy: (typeof balancingPolicies)[number] = 'round-robin') {
  const clock = { now: 1_000 };
  const now = () => clock.now;
  const changes: UpstreamChange[] = [];
  const nones: NoneAvailable[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map(
    (id) =>
      new Upstream({
        id,
        target: undefined,
        now,
        slowStartMs,
        maxConnections: places,
        breaker: { failures: 3, openMs: 2_000 },
        observer: { changed: (change) => id === 'b' && changes.push(change), reported: () => {} },
      }),
  ) as [Upstream, Upstream, Upstream];
  let draw = 0;
  const random = () => {
    draw = (draw + 0.618_033_988_75) % 1;
    return draw;
  };
  const balancer = new Balancer([a, b, c], {
    policy: balancingPolicy(policy, random),
    now,
    probeMs: 5_000,
    onNone: (answer) => nones.push(answer),
  });
  const open: Lease[] = [];
  /** Sends so many connections with different keys, and gives how many each upstream got. */
  const send = (count: number, { stay = false } = {}) => {
    const counts = { a: 0, b: 0, c: 0, none: 0 };
    for (let number = 0; number < count; number += 1) {
      const choice = balancer.search(`player-${number}`).first();
      if (choice.kind === 'none') {
        counts.none += 1;
        continue;
      }
      counts[choice.lease.upstream.id as 'a'] += 1;
      choice.lease.report('succeeded');
      open.push(choice.lease);
    }
    if (!stay) for (const lease of open.splice(0)) lease.end();
    return counts;
  };
  return { a, b, c, balancer, clock, changes, nones, send };
}

describe.each(balancingPolicies)('an upstream under %s', (policy) => {
  it('walks up → down → slow → full → draining → up, and gets exactly what each state lets through', () => {
    const { b, clock, changes, send, balancer } = setUp(policy);
    const held: Lease[] = [];
    const staying = 5;
    const walk: readonly [
      state: string,
      step: () => void,
      check: (got: { b: number; none: number }) => void,
    ][] = [
      ['up', () => {}, ({ b: got }) => expect(got).toBeGreaterThan(10)],
      ['down', () => b.probed('down', 'refused'), ({ b: got }) => expect(got).toBe(0)],
      [
        'slow',
        () => b.probed('up'),
        ({ b: got }) => {
          // A tenth of its weight beside two whole ones: about 3 of 60.
          expect(b.weight).toBeCloseTo(leastShare);
          expect(got).toBeGreaterThanOrEqual(0);
          expect(got).toBeLessThanOrEqual(12);
        },
      ],
      [
        'full',
        () => {
          clock.now += slowStartMs;
          held.push(...Array.from({ length: places }, () => b.begin()));
        },
        ({ b: got }) => {
          expect(b.full).toBe(true);
          expect(got).toBe(0);
        },
      ],
      [
        'draining',
        () => {
          // Some of them go on to their own end; there is room again.
          for (const lease of held.splice(staying)) lease.end();
          b.drain();
        },
        ({ b: got }) => {
          expect(b.full).toBe(false);
          expect(got).toBe(0);
        },
      ],
      [
        'up again',
        () => {
          for (const lease of held.splice(0)) lease.end();
          b.undrain();
          // Back from draining it begins slowly, too.
          expect(b.weight).toBeCloseTo(leastShare);
          clock.now += slowStartMs;
        },
        ({ b: got }) => expect(got).toBeGreaterThan(10),
      ],
    ];
    for (const [state, step, check] of walk) {
      step();
      expect(isAvailable(b), state).toBe(['up', 'slow', 'up again'].includes(state));
      const got = send(60);
      check(got);
      // The others are there all the time, so nobody is ever sent away.
      expect(got.none, state).toBe(0);
      expect(
        balancer.upstreams.map(({ load }) => load),
        state,
      ).toEqual([0, held.length, 0]);
      expect(held.length, state).toBe({ full: places, draining: staying }[state] ?? 0);
    }
    expect(changes.map((change) => Object.values(change).join(' '))).toEqual([
      'probe down refused',
      'probe up',
      'draining true',
      'draining false',
    ]);
  });

  it('is left alone by an open breaker, tried with one request, and takes its share again', () => {
    const { b, clock, send } = setUp(policy);
    for (let failed = 0; failed < 3; failed += 1) {
      const lease = b.begin();
      lease.report('failed');
      lease.end();
    }
    expect(b.breaker).toBe('open');
    expect(send(60).b).toBe(0);
    clock.now += 2_000;
    const trial = b.begin();
    expect(isAvailable(b)).toBe(false);
    trial.report('succeeded');
    trial.end();
    const second = b.begin();
    second.report('succeeded');
    second.end();
    expect(b.breaker).toBe('closed');
    expect(b.weight).toBeCloseTo(leastShare);
    clock.now += slowStartMs;
    expect(send(60).b).toBeGreaterThan(10);
  });
});

describe('probes and failures', () => {
  it('are kept apart: a good probe closes no breaker, and a good request overrules no probe', () => {
    const { b } = setUp();
    for (let failed = 0; failed < 3; failed += 1) b.begin().report('failed');
    b.probed('up');
    expect([b.probe, b.breaker, b.healthy]).toEqual(['up', 'open', false]);
    const { b: other } = setUp();
    const lease = other.begin();
    other.probed('down');
    lease.report('succeeded');
    expect([other.probe, other.breaker, other.healthy]).toEqual(['down', 'closed', false]);
  });

  it('count a connection until its end, once', () => {
    const { a } = setUp();
    const lease = a.begin();
    expect(a.load).toBe(1);
    lease.end();
    lease.end();
    expect(a.load).toBe(0);
  });

  it('take no first good probe for a recovery', () => {
    const { a } = setUp();
    a.probed('up');
    expect(a.weight).toBe(1);
  });
});

describe('a search', () => {
  it('tries each upstream once, and only when that is safe', () => {
    const { balancer, nones, clock } = setUp();
    const search = balancer.search('key');
    const tried: string[] = [];
    let choice = search.first();
    while (choice.kind === 'chosen') {
      tried.push(choice.lease.upstream.id);
      choice.lease.report('failed');
      clock.now += 100;
      choice = search.again(choice.lease, 'did-not-run');
    }
    expect(tried.sort()).toEqual(['a', 'b', 'c']);
    expect(choice).toMatchObject({ because: { tried: 3 }, tookMs: 300 });
    expect(nones).toEqual([choice]);
    expect(balancer.upstreams.map(({ load }) => load)).toEqual([0, 0, 0]);
    expect(
      ['did-not-run', 'has-command-id', 'may-have-run'].map((each) => isRepeatable(each as 'may-have-run')),
    ).toEqual([true, true, false]);
    // @ts-expect-error what may have run is not repeatable, and does not compile
    () => search.again({} as Lease, 'may-have-run');
  });

  it('says why nothing is available and when to ask again', () => {
    const { a, b, c, balancer, send } = setUp();
    a.probed('down');
    b.drain();
    for (let place = 0; place < places; place += 1) c.begin();
    expect(send(1).none).toBe(1);
    expect(balancer.search('x').first()).toEqual({
      kind: 'none',
      because: { tried: 0, unhealthy: 1, draining: 1, full: 1 },
      // A place of c's may become free at any moment.
      retryAfterMs: 250,
      tookMs: 0,
    });
  });

  it('asks to wait for the breaker that opens first, and for the next probe at the most', () => {
    const { a, b, c, balancer } = setUp();
    for (const upstream of [a, b, c]) upstream.probed('down');
    expect(balancer.search('x').first()).toMatchObject({ retryAfterMs: 5_000 });
    b.probed('up');
    for (let failed = 0; failed < 3; failed += 1) b.begin().report('failed');
    expect(balancer.search('x').first()).toMatchObject({ retryAfterMs: 2_000 });
  });

  it('finds nothing where there are no upstreams', () => {
    const { balancer } = setUp();
    balancer.replace([]);
    expect(balancer.search('x').first()).toMatchObject({ kind: 'none', retryAfterMs: 5_000 });
  });
});
