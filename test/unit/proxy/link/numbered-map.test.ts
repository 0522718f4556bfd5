import { describe, expect, it } from 'vitest';
import { NumberedMap } from '../../../../src/proxy/link/numbered-map.ts';

describe('NumberedMap', () => {
  it('counts up, never gives 0, and skips what is in use when 32 bits are used up', () => {
    const map = new NumberedMap<number>(10, { last: 0xffff_fffd });
    expect([map.add((n) => n), map.add((n) => n), map.add((n) => n), map.add((n) => n)]).toEqual([
      0xffff_fffe, 0xffff_ffff, 1, 2,
    ]);
    const again = new NumberedMap<number>(10, { last: 0xffff_ffff });
    again.add((n) => n);
    again.add((n) => n);
    again.delete(1);
    expect(again.take(2)).toBe(2);
    expect(again.size).toBe(0);
  });

  it('takes no more than it may', () => {
    const map = new NumberedMap<number>(2);
    expect([map.add(() => 1), map.add(() => 2), map.add(() => 3)]).toEqual([1, 2, undefined]);
    map.delete(1);
    expect(map.add(() => 3)).toBe(3);
    expect([...map].map(([number]) => number)).toEqual([2, 3]);
  });
});
