import { AuthError } from '../auth-error.ts';
import type { PreparedPassword } from './password-text.ts';

/** Tells whether a password, in lower case, is among those that guessers try first. Offline, always. */
export interface CommonPasswords {
  has(password: string): boolean;
}

/** The least that the least length may be (NIST SP 800-63B-4 section 3.1.1.2). */
export const passwordLengthFloor = 8;

/** Characters that must be left when the words anybody would guess are taken out. */
const ownCharactersLeast = 5;
const productWords = ['castling'] as const;

export interface PasswordPolicy {
  /** Code points, 8 at least. */
  readonly minimumLength: number;
  readonly common: CommonPasswords;
}

/**
 * What a new password must be: long enough, not common, not built on the player's name or ours. No rule of composition,
 * no expiry (NIST SP 800-63B-4 section 3.1.1.2; ASVS 6.2).
 *
 * @throws AuthError `password_refused` with the rule
 */
export function checkNewPassword(
  password: PreparedPassword,
  { policy, name }: { readonly policy: PasswordPolicy; readonly name: string },
): void {
  if ([...password].length < policy.minimumLength) {
    throw new AuthError('password_refused', {
      rule: 'password.length',
      detail: `The password needs at least ${policy.minimumLength} characters.`,
    });
  }
  const folded = password.normalize('NFKC').toLowerCase();
  if (policy.common.has(folded)) {
    throw new AuthError('password_refused', {
      rule: 'password.common',
      detail: 'This password is among those that guessers try first; choose another.',
    });
  }
  if ([...without(folded, [name, ...productWords])].length < ownCharactersLeast) {
    throw new AuthError('password_refused', {
      rule: 'password.context',
      detail: 'The password is little more than your name or the name of this service; choose another.',
    });
  }
}

function without(text: string, words: readonly string[]): string {
  return words
    .filter((word) => [...word].length >= 3)
    .reduce((rest, word) => rest.replaceAll(word.normalize('NFKC').toLowerCase(), ''), text);
}
