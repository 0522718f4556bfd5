import { describe, expect, it } from 'vitest';
import { checkNewPassword } from '../../../../src/auth/passwords/password-policy.ts';
import { preparePassword } from '../../../../src/auth/passwords/password-text.ts';

const common = new Set(['password', 'qwertyuiop']);
const check = (password: string, { name = 'wilhelmina', minimumLength = 8 } = {}): void =>
  checkNewPassword(preparePassword(password), { policy: { minimumLength, common }, name });

describe('D5 policy of new passwords', () => {
  it('refuses 7 characters and takes 8, 64 and 128', () => {
    expect(() => check('abcdef7')).toThrow(expect.objectContaining({ rule: 'password.length' }));
    for (const length of [8, 64, 128]) expect(() => check('x7'.repeat(length / 2))).not.toThrow();
  });

  it('counts code points, not UTF-16 units', () => {
    expect(() => check('\u{1f600}'.repeat(7))).toThrow(expect.objectContaining({ rule: 'password.length' }));
    expect(() => check('\u{1f600}'.repeat(8))).not.toThrow();
  });

  it('follows a higher minimum', () => {
    expect(() => check('abcdefghijk', { minimumLength: 12 })).toThrow(/at least 12/);
    expect(() => check('abcdefghijkl', { minimumLength: 12 })).not.toThrow();
  });

  it('asks for no mixture of characters', () => {
    for (const plain of ['lettersonly', '        ', '31415926', '日本語日本語日本']) {
      expect(() => check(plain)).not.toThrow();
    }
  });
});

describe('D6 common and context words', () => {
  it.each(['password', 'PASSWORD', 'QwErTyUiOp', '\uff50assword'])('refuses the common %j', (password) => {
    expect(() => check(password)).toThrow(
      expect.objectContaining({ code: 'password_refused', rule: 'password.common' }),
    );
  });

  it.each(['wilhelmina', 'Wilhelmina1', 'castling', 'Castling2026', 'castlingwilhelmina', '1castling!'])(
    'refuses %j, which is little more than a name',
    (password) => {
      expect(() => check(password)).toThrow(expect.objectContaining({ rule: 'password.context' }));
    },
  );

  it('takes a password that only holds such a word', () => {
    expect(() => check('castling across the rubicon')).not.toThrow();
    expect(() => check('anything at all', { name: 'a.' })).not.toThrow();
  });
});
