import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCompactForm } from '../../../../src/auth/tokens/compact-form.ts';

const part = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const signature = part(new Uint8Array(64).fill(7));

describe('C8 compact form', () => {
  it('is what encoding any three parts gives', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
    const sixtyFour = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(bytes, bytes, sixtyFour, (header, payload, tag) => {
        expect(isCompactForm(`${part(header)}.${part(payload)}.${part(tag)}`)).toBe(true);
      }),
    );
  });

  it('is nothing that encodes differently when it is decoded', () => {
    const character = fc.constantFrom(...'ABQgwxyz019-_+/=. \n{');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        if (!isCompactForm(`${text}.e30.${signature}`)) return;
        expect(part(Buffer.from(text, 'base64url'))).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('has a signature of exactly 64 bytes', () => {
    for (const length of [0, 1, 63, 65, 96]) {
      expect(isCompactForm(`e30.e30.${part(new Uint8Array(length))}`)).toBe(false);
    }
    expect(isCompactForm(`e30.e30.${signature}`)).toBe(true);
  });
});
