import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfRecoveryCode, newRecoveryCode } from '../../../../src/auth/recovery/recovery-code.ts';
import { webRandomBytes } from '../../../../src/protocol/ids.ts';

describe('a recovery code', () => {
  it('is five groups of five from an alphabet without look-alikes', () => {
    const codes = Array.from({ length: 200 }, () => newRecoveryCode(webRandomBytes));
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}$/);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('is read as people type it', () => {
    const code = '01ABC-DEFGH-JKMNP-QRSTV-WXYZ0';
    const digest = digestOfRecoveryCode(code);
    for (const typed of [
      code.toLowerCase(),
      ` ${code.replaceAll('-', ' ')}\n`,
      code.replaceAll('-', ''),
      'oIABC-DEFGH-JKMNP-QRSTV-WXYZO',
    ]) {
      expect(digestOfRecoveryCode(typed)).toBe(digest);
    }
  });

  it.each([
    '',
    '01ABC',
    '01ABC-DEFGH-JKMNP-QRSTV-WXYZ',
    '01ABC-DEFGH-JKMNP-QRSTV-WXYZU',
    '\u{1d7ce}'.repeat(25),
  ])('is not %j', (typed) => {
    expect(digestOfRecoveryCode(typed)).toBeUndefined();
  });

  it('has one digest for each code, which says nothing of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 25, maxLength: 25 }), (bytes) => {
        const code = newRecoveryCode(() => bytes);
        const digest = digestOfRecoveryCode(code);
        expect(digest).toHaveLength(43);
        const other = bytes.with(7, (bytes[7]! + 1) % 256);
        expect(digestOfRecoveryCode(newRecoveryCode(() => other))).not.toBe(digest);
      }),
    );
  });
});
