import { describe, expect, it } from 'vitest';
import {
  base32,
  matchingStep,
  otpauthUri,
  readTotpCode,
  totpCode,
  totpStep,
} from '../../../../src/auth/second-factor/totp.ts';

const secret = Buffer.from('12345678901234567890');

describe('codes by counter and time', () => {
  it.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [5, '254676'],
    [6, '287922'],
    [7, '162583'],
    [8, '399871'],
    [9, '520489'],
  ])('RFC 4226 appendix D: count %i gives %s', (count, code) => {
    expect(totpCode(secret, count)).toBe(code);
  });

  // The RFC prints eight digits; six are the last ones of them.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('RFC 6238 appendix B: second %i gives …%s', (second, eight) => {
    expect(totpCode(secret, totpStep(second * 1000))).toBe(eight.slice(2));
  });
});

describe('a code near the present step', () => {
  const now = 1_111_111_109_000;
  const step = totpStep(now);
  const match = (offset: number, after: number | null = null) =>
    matchingStep(secret, { code: totpCode(secret, step + offset), now, after });

  it('counts one step early and one step late, and no further', () => {
    expect([-2, -1, 0, 1, 2].map((offset) => match(offset))).toEqual([
      undefined,
      step - 1,
      step,
      step + 1,
      undefined,
    ]);
  });
  it('does not count again, and none before it does', () => {
    expect([-1, 0, 1].map((offset) => match(offset, step))).toEqual([undefined, undefined, step + 1]);
  });
});

describe('a typed code', () => {
  it.each([
    ['123456', '123456'],
    [' 123 456\n', '123456'],
  ])('%j is read as %s', (typed, code) => expect(readTotpCode(typed)).toBe(code));
  it.each(['', '12345', '1234567', '12345a', '１２３４５６', '-12345'])('%j is none', (typed) =>
    expect(readTotpCode(typed)).toBeUndefined(),
  );
});

describe('what an app is given', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('RFC 4648 section 10: BASE32(%j) is %s', (text, encoded) =>
    expect(base32(Buffer.from(text))).toBe(encoded),
  );

  it('is a URI that says all of it, whatever the name', () => {
    const uri = otpauthUri({ secret: 'MZXW6YTBOI', issuer: 'Castling (a:b)', name: 'änna & co?' });
    const { protocol, host, pathname, searchParams } = new URL(uri);
    expect([protocol, host, decodeURIComponent(pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/Castling (a b):änna & co?',
    ]);
    expect(Object.fromEntries(searchParams)).toEqual({
      secret: 'MZXW6YTBOI',
      issuer: 'Castling (a:b)',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(uri).not.toContain('+');
  });
});
