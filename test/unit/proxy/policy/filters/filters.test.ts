import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts, FilterSettings } from '../../../../../src/proxy/policy/filters/filter-rule.ts';
import { Filters, SocketFilter } from '../../../../../src/proxy/policy/filters/filters.ts';

const here: Facts = { address: '192.0.2.7', route: 'game', kind: 'match.move', origin: 'none' };

const denies = (rules: readonly FilterSettings[], facts: Facts = here) =>
  new Filters(rules).decide(facts).deniedBy;

describe('a filter', () => {
  it('lets everything pass by default', () => {
    expect(new Filters([]).decide(here)).toEqual({ deniedBy: undefined, shadows: [] });
  });

  it.each<[string, Partial<FilterSettings>, Partial<Facts>, boolean]>([
    ['an address', { addresses: ['192.0.2.7'] }, {}, true],
    ['a range', { addresses: ['198.51.100.0/24', '192.0.2.0/24'] }, {}, true],
    ['another range', { addresses: ['192.0.3.0/24'] }, {}, false],
    ['an IPv6 range', { addresses: ['2001:db8::/32'] }, { address: '2001:db8::1' }, true],
    ['everything of IPv4', { addresses: ['0.0.0.0/0'] }, { address: '2001:db8::1' }, false],
    ['an address that is not known', { addresses: ['0.0.0.0/0', '::/0'] }, { address: 'unknown' }, false],
    ['a route', { routes: ['api', 'game'] }, {}, true],
    ['another route', { routes: ['api'] }, {}, false],
    ['a method', { kinds: ['match.move'] }, {}, true],
    ['a family of methods', { kinds: ['match.*'] }, {}, true],
    ['every message', { kinds: ['*'] }, {}, true],
    ['every message, which no request is', { kinds: ['*'] }, { kind: 'GET /play' }, false],
    ['another method', { kinds: ['match.moves', 'lobby.*'] }, {}, false],
    ['a request', { kinds: ['POST /auth/login'] }, { kind: 'POST /auth/login' }, true],
    ['a request by any method', { kinds: ['* /auth/login'] }, { kind: 'DELETE /auth/login' }, true],
    ['a request below a path', { kinds: ['GET /api/*'] }, { kind: 'GET /api/games' }, true],
    ['a request by another method', { kinds: ['GET /api/*'] }, { kind: 'POST /api/games' }, false],
    ['a path, which no message has', { kinds: ['* /*'] }, {}, false],
    ['an origin', { origins: ['https://example.org'] }, { origin: 'https://example.org' }, true],
    ['programs', { origins: ['none'] }, {}, true],
    ['another origin', { origins: ['https://example.org'] }, { origin: 'https://example.net' }, false],
    ['all that it names', { addresses: ['192.0.2.0/24'], kinds: ['match.move'] }, {}, true],
    ['not all that it names', { addresses: ['192.0.2.0/24'], kinds: ['match.resign'] }, {}, false],
  ])('fits by %s', (_what, rule, facts, isDenied) => {
    const rules: FilterSettings[] = [{ id: 'one', action: 'deny', ...rule }];
    expect(denies(rules, { ...here, ...facts })).toBe(isDenied ? 'one' : undefined);
  });

  it('decides by the first rule that fits', () => {
    const friends: FilterSettings = { id: 'friends', action: 'allow', addresses: ['192.0.2.7'] };
    const all: FilterSettings = { id: 'all', action: 'deny' };
    expect(denies([friends, all])).toBeUndefined();
    expect(denies([all, friends])).toBe('all');
    expect(denies([friends, all], { ...here, address: '192.0.2.8' })).toBe('all');
  });

  it('counts for a shadow what deny would refuse, and asks the next rule', () => {
    const shadow: FilterSettings = { id: 'tried', action: 'shadow', kinds: ['match.*'] };
    const deny: FilterSettings = { id: 'real', action: 'deny', kinds: ['match.move'] };
    expect(new Filters([shadow, deny]).decide(here)).toEqual({ deniedBy: 'real', shadows: ['tried'] });
    expect(new Filters([deny, shadow]).decide(here)).toEqual({ deniedBy: 'real', shadows: [] });
    const allow: FilterSettings = { id: 'friends', action: 'allow' };
    expect(new Filters([allow, shadow]).decide(here)).toEqual({ deniedBy: undefined, shadows: [] });
  });

  it('refuses a connection only when nothing that may come on it would pass', () => {
    const connection: Facts = { address: '192.0.2.7' };
    const network: FilterSettings = { id: 'network', action: 'deny', addresses: ['192.0.2.0/24'] };
    const page: FilterSettings = { id: 'page', action: 'allow', routes: ['page'] };
    const moves: FilterSettings = { id: 'moves', action: 'deny', kinds: ['match.move'] };
    expect(denies([network], connection)).toBe('network');
    expect(denies([page, network], connection)).toBeUndefined();
    expect(denies([page, network], { ...connection, route: 'api' })).toBe('network');
    expect(denies([moves, network], connection)).toBe('network');
    expect(denies([moves], connection)).toBeUndefined();
  });
});

/** Small worlds, so that rules and facts meet often. */
const addresses = ['192.0.2.7', '192.0.2.8', '2001:db8::1'];
const routes = ['game', 'api'];
const kinds = ['match.move', 'match.list', 'GET /play', 'POST /auth/login'];
const origins = ['none', 'https://example.org'];
const some = <T>(values: readonly T[]) =>
  fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
const rule = fc.record(
  {
    action: fc.constantFrom('allow', 'deny', 'shadow'),
    addresses: some(['192.0.2.7', '192.0.2.0/24', '::/0']),
    routes: some(routes),
    kinds: some(['match.*', 'match.move', '* /*', 'POST /auth/login']),
    origins: some(origins),
  },
  { requiredKeys: ['action'] },
);
const rules = fc
  .array(rule, { maxLength: 6 })
  .map((list) => list.map((each, index) => ({ id: `rule-${index}`, ...each }) as FilterSettings));

function everyCompletion(facts: Facts): Facts[] {
  const spread = <T>(known: T | undefined, all: readonly T[]) => (known === undefined ? all : [known]);
  return spread(facts.route, routes).flatMap((route) =>
    spread(facts.kind, kinds).flatMap((kind) =>
      spread(facts.origin, origins).map((origin) => ({ address: facts.address, route, kind, origin })),
    ),
  );
}

describe('what is decided before all is known', () => {
  it('is never taken back: an early refusal means that every continuation would be refused', () => {
    const partial = fc.record({
      address: fc.constantFrom(...addresses),
      route: fc.option(fc.constantFrom(...routes), { nil: undefined }),
      origin: fc.option(fc.constantFrom(...origins), { nil: undefined }),
    });
    let early = 0;
    fc.assert(
      fc.property(rules, partial, (list, facts) => {
        const filters = new Filters(list);
        if (filters.decide(facts).deniedBy === undefined) return;
        early += 1;
        for (const whole of everyCompletion(facts)) expect(filters.decide(whole).deniedBy).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
    expect(early).toBeGreaterThan(100);
  });

  it('is the same for a socket as for each of its messages, under whatever version of the rules', () => {
    const socket = fc.record({
      address: fc.constantFrom(...addresses),
      route: fc.constantFrom(...routes),
      origin: fc.constantFrom(...origins),
    });
    fc.assert(
      fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), socket, (versions, facts) => {
        const filter = new SocketFilter(facts);
        for (const list of versions) {
          const filters = new Filters(list);
          for (const kind of [...kinds, ...kinds]) {
            expect(filter.decide(filters, kind)).toEqual(filters.decide({ ...facts, kind }));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
