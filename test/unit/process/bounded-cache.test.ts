import { describe, expect, it } from 'vitest';
import { BoundedCache } from '../../../src/process/bounded-cache.ts';

describe('a bounded cache', () => {
  it('forgets what was used longest ago', () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect(cache.get('b')).toBeUndefined();
    expect([cache.get('a'), cache.get('c'), cache.size]).toEqual([1, 3, 2]);
  });

  it('does not grow by setting a key again', () => {
    const cache = new BoundedCache<string, number>(2);
    for (let value = 0; value < 5; value += 1) cache.set('a', value);
    expect([cache.get('a'), cache.size]).toEqual([4, 1]);
  });
});
