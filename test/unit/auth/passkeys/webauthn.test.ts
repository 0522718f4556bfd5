import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestOptions } from '../../../../src/auth/passkeys/passkey-schemas.ts';
import { challengeOf, verifyAssertion, verifyRegistration } from '../../../../src/auth/passkeys/webauthn.ts';
import { codeOf } from '../../../support/auth-fixture.ts';
import { SoftwareAuthenticator } from '../../../support/software-authenticator.ts';

const relyingParty = { id: 'localhost', origin: 'https://localhost:80' };
const challenge = 'A'.repeat(43);
const expected = { challenge, relyingParty };
const creation = { challenge, rp: { id: 'localhost' }, user: { id: 'cF8x' } } as never;
const request = { challenge, rpId: 'localhost' } as RequestOptions;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** Changes one byte, cuts, or adds. */
const damage = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'add'));
function damaged(text: string, [place, mask, how]: [number, number, string]): string {
  const bytes = [...Buffer.from(text, 'base64url')];
  const at = place % bytes.length;
  if (how === 'flip') bytes[at] = (bytes[at] ?? 0) ^ mask;
  else if (how === 'cut') bytes.splice(at, mask);
  else bytes.splice(at, 0, mask);
  return base64url(Buffer.from(bytes));
}

describe('what an authenticator says', () => {
  it('is refused, and nothing else, whatever bytes it is made of', async () => {
    const response = new SoftwareAuthenticator().create(creation);
    const hostile = [
      Buffer.alloc(6000, 0x81), // arrays in arrays
      Buffer.alloc(6000, 0xa1), // maps in maps
      Buffer.from('bf', 'hex'), // a map without end
      Buffer.from('5bffffffffffffffff', 'hex'), // a text as long as the world
      Buffer.from('a0', 'hex'),
      Buffer.from('f6', 'hex'),
      Buffer.alloc(0),
    ].map(base64url);
    for (const attestationObject of hostile) {
      const broken = { ...response, response: { ...response.response, attestationObject } };
      expect(await codeOf(verifyRegistration(broken, expected))).toBe('passkey_refused');
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const broken = {
          ...response,
          response: { ...response.response, attestationObject: base64url(bytes) },
        };
        return (await codeOf(verifyRegistration(broken, expected))) === 'passkey_refused';
      }),
    );
  });

  it('signs in with no bit of it changed', async () => {
    // An ECDSA signature can be written in several ways, which is no harm where a challenge is good once; this one cannot.
    const authenticator = new SoftwareAuthenticator({ algorithm: 'EdDSA' });
    const { credential, publicKey } = await verifyRegistration(authenticator.create(creation), expected);
    const key = { ...expected, credential, publicKey };
    expect(await verifyAssertion(authenticator.get(request), key)).toBe(0);
    const member = fc.constantFrom('clientDataJSON', 'authenticatorData', 'signature');
    await fc.assert(
      fc.asyncProperty(member, damage, async (name, how) => {
        const { response, ...rest } = authenticator.get(request);
        const text = damaged(response[name as 'signature'], how);
        fc.pre(text !== response[name as 'signature']);
        const broken = { ...rest, response: { ...response, [name]: text } };
        return (await codeOf(verifyAssertion(broken, key))) === 'passkey_refused';
      }),
      { numRuns: 200 },
    );
  });
});

describe('the challenge in a response', () => {
  it('is read from JSON and is undefined for everything else', () => {
    expect(challengeOf(base64url(Buffer.from('{"challenge":"abc"}')))).toBe('abc');
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = challengeOf(text);
        return found === undefined || typeof found === 'string';
      }),
    );
    for (const text of ['7', 'null', '[]', '{"challenge":7}', '"abc"', '{']) {
      expect(challengeOf(base64url(Buffer.from(text)))).toBeUndefined();
    }
  });
});
