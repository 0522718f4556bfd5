import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pseudonym } from '../../../../src/protocol/ids.ts';
import { feedEvent } from '../../../../src/proxy/feeds/feed-event.ts';
import { RecentEvents } from '../../../../src/proxy/feeds/recent-events.ts';

describe('RecentEvents', () => {
  it('keeps the newest, contiguous, within both bounds', () => {
    const sizes = fc.array(fc.nat(2_000), { maxLength: 200 });
    fc.assert(
      fc.property(fc.nat(1_000), sizes, (head, lengths) => {
        const mostBytes = 5_000;
        const recent = new RecentEvents(head, { mostEvents: 8, mostBytes });
        const pushed = lengths.map((length, index) => feedEvent(head + index + 1, `"${'x'.repeat(length)}"`));
        for (const event of pushed) {
          recent.push(event);
          expect(recent.head).toBe(event.seq);
          const kept = pushed.filter(({ seq }) => recent.at(seq) !== undefined);
          expect(kept).toEqual(pushed.slice(recent.floor - head, event.seq - head));
          expect(kept.length).toBeLessThanOrEqual(8);
          expect(kept.reduce((sum, { notification }) => sum + notification.length, 0)).toBeLessThanOrEqual(
            mostBytes,
          );
          for (const one of kept) expect(recent.at(one.seq)).toBe(one);
        }
        expect(recent.at(recent.floor)).toBeUndefined();
        expect(recent.at(recent.head + 1)).toBeUndefined();
      }),
    );
  });

  it('drops what says an old name, and all before it', () => {
    const named = 'y_ada' as Pseudonym;
    const recent = new RecentEvents(3);
    for (const seq of [4, 5, 6, 7]) {
      recent.push(feedEvent(seq, '{}', { names: seq === 4 || seq === 5 ? [named] : [] }));
    }
    recent.dropThroughLast(({ names }) => names.includes('y_bob' as Pseudonym));
    expect(recent.floor).toBe(3);
    recent.dropThroughLast(({ names }) => names.includes(named));
    expect([recent.floor, recent.at(5), recent.at(6)?.seq, recent.head]).toEqual([5, undefined, 6, 7]);
    recent.push(feedEvent(8, '{}'));
    expect(recent.head).toBe(8);
  });

  it('takes nothing but the next', () => {
    const recent = new RecentEvents(3);
    expect(() => recent.push(feedEvent(5, '{}'))).toThrow(RangeError);
    expect(() => recent.push(feedEvent(3, '{}'))).toThrow(RangeError);
  });
});
