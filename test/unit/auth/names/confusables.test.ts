import { describe, expect, it } from 'vitest';
import { skeletonOf } from '../../../../src/auth/names/confusables.ts';

describe('D7 look-alikes', () => {
  it.each([
    ['a Cyrillic word', 'scope', '\u0455\u0441\u043e\u0440\u0435'],
    ['a Greek word', 'kav', '\u03ba\u03b1\u03bd'],
    ['digits for letters', 'paypal', 'paypa1'],
    ['zero for o', 'oslo', 'os1o'.replace('o', '0')],
    ['rn for m', 'modern', 'modem'],
    ['accents of two scripts', 'c\u00f6o', '\u0441\u04e7\u043e'],
    ['comma and cedilla below', '\u0219i', '\u015fi'],
    ['breve and caron', '\u011fa', '\u01e7a'],
    ['final sigma', '\u03c3\u03b1\u03c2', '\u03c3\u03b1\u03c3'],
  ])('sees %s as the same', (_what, one, other) => {
    expect(one).not.toBe(other);
    expect(skeletonOf(other)).toBe(skeletonOf(one));
  });

  it.each([
    ['anna', 'hanna'],
    ['ren\u00e9', 'rene'],
    ['a.b', 'a-b'],
    ['mail', 'mall'],
    ['\u571f', '\u58eb'],
  ])('sees %s and %s as different', (one, other) => {
    expect(skeletonOf(one)).not.toBe(skeletonOf(other));
  });

  it('is stable: what a skeleton looks like is itself', () => {
    for (let code = 0x21; code < 0x2fff; code += 1) {
      const skeleton = skeletonOf(String.fromCodePoint(code).toLowerCase());
      expect(skeletonOf(skeleton), `U+${code.toString(16)}`).toBe(skeleton);
    }
  });
});
