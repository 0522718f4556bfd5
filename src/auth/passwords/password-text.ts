import { AuthError } from '../auth-error.ts';

/** UTF-8 bytes of a prepared password. Room for any 128 characters and then some; more is refused before hashing. */
export const passwordBytesMost = 1024;

declare const prepared: unique symbol;
/** A password in the one form that is hashed; only `preparePassword` makes it. */
export type PreparedPassword = string & { readonly [prepared]: true };

/**
 * The OpaqueString profile of RFC 8265 section 4.2: spaces of all kinds become U+0020, then NFC; case and everything else
 * stay. Two ways to type the same text are one password.
 *
 * One departure: invisible joiners and variation selectors are allowed, since emoji are made with them.
 *
 * @throws AuthError `password_refused`: ill-formed text (lone surrogates, which would all hash alike), control characters,
 * unassigned code points, more than 1,024 bytes
 */
export function preparePassword(raw: string): PreparedPassword {
  // Before anything that takes time in proportion to the text; NFC makes at most three times as many UTF-16 units.
  if (raw.length > passwordBytesMost) throw tooLong();
  if (!raw.isWellFormed()) throw refused('password.ill-formed', 'The password is not well-formed text.');
  const text = raw.replace(otherSpaces, ' ').normalize('NFC');
  if (forbidden.test(text)) {
    throw refused('password.characters', 'The password holds control characters or unassigned ones.');
  }
  if (Buffer.byteLength(text, 'utf8') > passwordBytesMost) throw tooLong();
  return text as PreparedPassword;
}

const otherSpaces = /\p{Zs}/gu;
const forbidden = /[\p{Cc}\p{Cn}]/u;

function tooLong(): AuthError {
  return refused('password.length', `The password is longer than ${passwordBytesMost} bytes.`);
}

function refused(rule: string, detail: string): AuthError {
  return new AuthError('password_refused', { rule, detail });
}
