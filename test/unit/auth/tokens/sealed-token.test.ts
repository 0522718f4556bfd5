import { describe, expect, it } from 'vitest';
import { newOpaqueToken } from '../../../../src/auth/tokens/opaque-token.ts';
import { openToken, sealToken } from '../../../../src/auth/tokens/sealed-token.ts';
import { webRandomBytes } from '../../../../src/protocol/ids.ts';

const randomBytes = webRandomBytes;
const next = newOpaqueToken('refresh', randomBytes);
const under = newOpaqueToken('refresh', randomBytes);

describe('C14 a sealed successor', () => {
  it('opens with the token that it was sealed under, and with no other', () => {
    const sealed = sealToken(next, { under, randomBytes });
    expect(openToken(sealed, { under })).toBe(next);
    expect(openToken(sealed, { under: newOpaqueToken('refresh', randomBytes) })).toBeUndefined();
  });

  it('shows neither token, and is never the same twice', () => {
    const sealed = sealToken(next, { under, randomBytes });
    const raw = Buffer.from(sealed, 'base64url').toString('latin1');
    for (const secret of [next, under]) expect(raw).not.toContain(secret.slice(4, 16));
    expect(sealToken(next, { under, randomBytes })).not.toBe(sealed);
  });

  it.each(['', 'AAAA', 'A'.repeat(38)])('does not open %j', (damaged) => {
    expect(openToken(damaged, { under })).toBeUndefined();
  });

  it('does not open when one bit of it has changed, wherever', () => {
    const bytes = Buffer.from(sealToken(next, { under, randomBytes }), 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const damaged = Buffer.from(bytes);
      damaged[index]! ^= 1;
      expect(openToken(damaged.toString('base64url'), { under })).toBeUndefined();
    }
  });
});
