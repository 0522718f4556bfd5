import { describe, expect, it } from 'vitest';
import { keepsBidiRule } from '../../../../src/auth/names/bidi-rule.ts';

describe('the Bidi Rule of RFC 5893', () => {
  it.each([
    'abc',
    '123',
    'a-1',
    '\u05d0\u05d1',
    '\u05d0\u05d11',
    '\u0627\u0644\u0645',
    '\u0645\u062d\u064e',
    '\u05d0-\u05d1',
  ])('is kept by %j', (text) => {
    expect(keepsBidiRule(text)).toBe(true);
  });

  it.each(['a\u05d0', '\u05d0a', '1\u05d0', '\u05d0-', '-\u05d0', '\u05d0a\u05d1', '\u0645\u6771'])(
    'is broken by %j',
    (text) => {
      expect(keepsBidiRule(text)).toBe(false);
    },
  );
});
