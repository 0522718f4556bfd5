import { describe, expect, it } from 'vitest';
import { passwordBytesMost, preparePassword } from '../../../../src/auth/passwords/password-text.ts';

describe('D8 Unicode passwords', () => {
  it('takes composed and decomposed text for one password', () => {
    const composed = 'caf\u00e9 au lait';
    expect(preparePassword(composed.normalize('NFD'))).toBe(composed);
  });

  it('takes every kind of space for a space, and keeps case, width and inner spaces', () => {
    expect(preparePassword('a\u00a0b\u3000c\u2003d')).toBe('a b c d');
    expect(preparePassword(' A  \uff21 ')).toBe(' A  \uff21 ');
  });

  it.each(['\ud800x', '\udfffx', 'x\udc00', 'long enough \ud83d'])('refuses the ill-formed %j', (raw) => {
    expect(() => preparePassword(raw)).toThrow(
      expect.objectContaining({ code: 'password_refused', rule: 'password.ill-formed' }),
    );
  });

  it.each(['tab\there', 'nul\u0000', 'del\u007f', 'c1\u0085', 'not a character \uffff'])(
    'refuses %j',
    (raw) => {
      expect(() => preparePassword(raw)).toThrow(expect.objectContaining({ rule: 'password.characters' }));
    },
  );

  it('allows emoji, with the joiners that make them', () => {
    const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\ufe0f';
    expect(preparePassword(family)).toBe(family);
  });
});

describe('D5 length', () => {
  it('takes 1,024 bytes and refuses 1,025, and 1 MiB without looking at it', () => {
    expect(preparePassword('x'.repeat(passwordBytesMost))).toHaveLength(passwordBytesMost);
    for (const length of [passwordBytesMost + 1, 1_048_576]) {
      expect(() => preparePassword('x'.repeat(length))).toThrow(
        expect.objectContaining({ rule: 'password.length' }),
      );
    }
    expect(() => preparePassword('\u20ac'.repeat(342))).toThrow(
      expect.objectContaining({ rule: 'password.length' }),
    );
    expect(preparePassword('\u{1f600}'.repeat(128))).toHaveLength(256);
  });
});
