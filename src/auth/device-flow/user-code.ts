import { createHmac } from 'node:crypto';
import type { RandomBytes } from '../../protocol/ids.ts';

/** Consonants alone, so that no code is a word (RFC 8628 section 6.1). */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;
const form = new RegExp(`^[${alphabet}]{${length}}$`);

/** A code that somebody copies from one screen to another: 34.5 bits, which live for minutes and cannot be tried at will. */
export function newUserCode(randomBytes: RandomBytes): string {
  const unbiased = 256 - (256 % alphabet.length);
  let code = '';
  while (code.length < length) {
    for (const byte of randomBytes(16)) {
      if (byte < unbiased && code.length < length) code += alphabet[byte % alphabet.length];
    }
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/**
 * What the store keeps of a code as somebody typed it: case, dashes and spaces do not matter. Keyed, since so few codes could be
 * tried one by one against a stolen store. `undefined` for what cannot be a code.
 */
export function digestOfUserCode(typed: string, key: Buffer): string | undefined {
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return form.test(code)
    ? createHmac('sha256', key).update(`castling user code 1:${code}`).digest('base64url')
    : undefined;
}
