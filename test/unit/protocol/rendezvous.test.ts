import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rendezvousOwner, rendezvousScore } from '../../../src/protocol/rendezvous.ts';

const member = fc.record({
  id: fc.string({ minLength: 1, maxLength: 12 }),
  weight: fc.integer({ min: 1, max: 9 }),
});
const members = fc.uniqueArray(member, { selector: ({ id }) => id, minLength: 1, maxLength: 8 });
const keys = Array.from({ length: 20_000 }, (_, index) => `m_${index.toString(36)}`);

/** How many of the keys each member owns. */
function shares(list: readonly { id: string; weight?: number }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const id = rendezvousOwner(key, list)?.id ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

describe('rendezvous hashing', () => {
  it('gives these scores in every version, since proxies and backends must agree', () => {
    const scores = [
      rendezvousScore('m_0123456789abcdef', { id: 'a' }),
      rendezvousScore('m_0123456789abcdef', { id: 'b', weight: 2 }),
      rendezvousScore('', { id: 'ö' }),
    ];
    expect(scores).toMatchInlineSnapshot(`
      [
        15.7863205061116,
        3.5982643872959224,
        1.4353416798436323,
      ]
    `);
  });

  it('does not care in which order the members are listed', () => {
    fc.assert(
      fc.property(members, fc.string(), fc.nat(7), (list, key, turn) => {
        const turned = [...list.slice(turn), ...list.slice(0, turn)];
        expect(rendezvousOwner(key, turned)).toBe(rendezvousOwner(key, list));
      }),
    );
  });

  it('moves only the keys of the member that goes, and only to the one that comes', () => {
    fc.assert(
      fc.property(members, fc.array(fc.string(), { minLength: 1, maxLength: 30 }), (list, some) => {
        const [gone, ...rest] = list;
        for (const key of some) {
          const before = rendezvousOwner(key, list);
          const after = rendezvousOwner(key, rest);
          if (before !== gone) expect(after).toBe(before);
        }
      }),
    );
  });

  it('moves keys only to a member whose weight grows', () => {
    fc.assert(
      fc.property(
        members,
        fc.array(fc.string(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (list, some, more) => {
          const [first, ...rest] = list;
          const heavier = { ...first!, weight: first!.weight + more };
          for (const key of some) {
            const before = rendezvousOwner(key, list);
            const after = rendezvousOwner(key, [heavier, ...rest]);
            expect([before?.id, heavier.id]).toContain(after?.id);
          }
        },
      ),
    );
  });

  it('spreads keys that look alike over members that look alike, by weight', () => {
    const even = shares(['backend-1', 'backend-2', 'backend-3', 'backend-4'].map((id) => ({ id })));
    // A standard deviation is 61; this allows more than eight.
    for (const count of even.values()) expect(Math.abs(count - 5_000)).toBeLessThan(500);
    const weighted = shares([
      { id: 'a', weight: 1 },
      { id: 'b', weight: 3 },
    ]);
    expect(Math.abs((weighted.get('b') ?? 0) - 15_000)).toBeLessThan(500);
  });

  it('owns nothing where there is nobody', () => {
    expect(rendezvousOwner('key', [])).toBeUndefined();
  });
});
