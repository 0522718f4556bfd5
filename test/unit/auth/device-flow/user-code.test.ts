import { describe, expect, it } from 'vitest';
import { digestOfUserCode, newUserCode } from '../../../../src/auth/device-flow/user-code.ts';
import { webRandomBytes } from '../../../../src/protocol/ids.ts';

const key = Buffer.alloc(32, 5);

describe('a user code', () => {
  it('is of consonants, each as likely as any other', () => {
    const codes = Array.from({ length: 5_000 }, () => newUserCode(webRandomBytes));
    const counts = new Map<string, number>();
    for (const code of codes) {
      expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      for (const letter of code.replace('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    // 2,000 each are expected, with a standard deviation of 44; ten of those are never seen.
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(440);
  });

  it('draws again for bytes that would favour some letters', () => {
    const drawn = [new Uint8Array(16).fill(255), new Uint8Array(16).fill(1)];
    expect(newUserCode(() => drawn.shift() ?? new Uint8Array(16))).toBe('CCCC-CCCC');
  });

  it('is the same however it is typed, and differs with the key', () => {
    const digest = digestOfUserCode('WDJB-MJHT', key);
    for (const typed of ['wdjbmjht', ' wdjb mjht ', 'WDJ-BMJ-HT'])
      expect(digestOfUserCode(typed, key)).toBe(digest);
    expect(digestOfUserCode('WDJB-MJHT', Buffer.alloc(32, 6))).not.toBe(digest);
  });

  it.each(['', 'WDJB-MJH', 'WDJB-MJHTB', 'ADJB-MJHT', 'WDJB-MJH7'])('%j is none', (typed) =>
    expect(digestOfUserCode(typed, key)).toBeUndefined(),
  );
});
