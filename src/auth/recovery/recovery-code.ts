import { createHash } from 'node:crypto';
import type { RandomBytes } from '../../protocol/ids.ts';

/**
 * A code that opens an account whose password is lost: 25 of 32 characters, 125 random bits, so that a plain hash keeps it
 * (NIST SP 800-63B-4 section 3.1.2.2 asks for more only below 112 bits). The alphabet has no I, L, O, U.
 */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 25;
const groupLength = 5;

/** As it is shown: five groups of five. */
export function newRecoveryCode(randomBytes: RandomBytes): string {
  // 32 divides 256, so that every character is as likely as any other.
  const characters = Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]);
  return Array.from({ length: length / groupLength }, (_, group) =>
    characters.slice(group * groupLength, (group + 1) * groupLength).join(''),
  ).join('-');
}

/**
 * What the store keeps of a code as somebody typed it: case, dashes and spaces do not matter, and a letter that looks like a
 * digit is that digit. `undefined` for what cannot be a code.
 */
export function digestOfRecoveryCode(typed: string): string | undefined {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return form.test(code)
    ? createHash('sha256').update(`castling recovery ${code}`).digest('base64url')
    : undefined;
}

const form = new RegExp(`^[${alphabet}]{${length}}$`);
