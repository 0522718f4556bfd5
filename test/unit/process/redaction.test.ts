import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isSecretName,
  MAX_LOGGED_STRING,
  REDACTED,
  redact,
  scrubText,
} from '../../../src/process/redaction.ts';

const JWT = 'eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJwXzEifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
const REFRESH = 'crt_Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTA';

describe('F3 secrets by name', () => {
  it.each([
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'password',
    'newPassword',
    'current_password',
    'token',
    'access_token',
    'refreshToken',
    'client_secret',
    'key',
    'privateKey',
    'signing-key',
    'passphrase',
    'pepper',
    'apiKey',
    'ticket',
    'sign_in_ticket',
    'device_code',
    'userCode',
    'recovery_code',
    'recoveryCodes',
  ])('%s is one', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    'kid',
    'keyId',
    'token_type',
    'tokens',
    'passwordPolicy',
    'cookies',
    'player',
    'commandId',
    'hashing',
  ])('%s is none', (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  it('is hidden at any depth, and in a flat list of header names and values', () => {
    const value = {
      a: { b: { c: [{ d: { password: 'hunter22' } }] } },
      rawHeaders: ['Host', 'localhost', 'Authorization', 'Bearer x', 'Cookie', 'a=b'],
    };
    expect(redact(value)).toEqual({
      a: { b: { c: [{ d: { password: REDACTED } }] } },
      rawHeaders: ['Host', 'localhost', 'Authorization', REDACTED, 'Cookie', REDACTED],
    });
  });

  it('leaves whether there was one: booleans and null stay', () => {
    expect(redact({ token: null, password: true, key: 7, cookie: {} })).toEqual({
      token: null,
      password: true,
      key: REDACTED,
      cookie: REDACTED,
    });
  });

  it('hides every value under a secret name, whatever the tree around it', () => {
    const canary = 'canary-0123456789';
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constant({ password: canary }),
        fc.constant({ headers: { 'set-cookie': [canary] } }),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('node'), { maxKeys: 3 }),
      ),
    })).node;
    fc.assert(fc.property(tree, (value) => !JSON.stringify(redact(value)).includes(canary)));
  });
});

describe('F3 secrets by their looks', () => {
  it.each([
    ['a JSON Web Token', `token was ${JWT}, refused`, `token was ${REDACTED}, refused`],
    ['a token after a line break written as JSON', `\\n${JWT}`, `\\n${REDACTED}`],
    ['a refresh token', `reused ${REFRESH}!`, `reused ${REDACTED}!`],
    ['an authorization value', 'Authorization: Bearer abcdefghijklmnop', `Authorization: Bearer ${REDACTED}`],
    ['a token in a URL', '/play?access_token=abc&x=1', `/play?access_token=${REDACTED}&x=1`],
    ['another token in a URL', '/play?x=1&token=abc#top', `/play?x=1&token=${REDACTED}#top`],
    [
      'a database password',
      'postgres://castling:pw@db/castling',
      `postgres://castling:${REDACTED}@db/castling`,
    ],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n', `${REDACTED}\n`],
    ['a device’s token', 'cdt_Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTA', REDACTED],
    ['a sign-in ticket', '{"x":"cst_Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTA"}', `{"x":"${REDACTED}"}`],
    ['a device code', 'polled cdc_Zm9vYmFyYmF6cXV4LTEyMzQ1Njc4OTA', `polled ${REDACTED}`],
    ['a recovery code', 'typed 0AB1C-D2EFG-H3JKM-N4PQR-S5TVW.', `typed ${REDACTED}.`],
    ['one in small letters', '“0ab1c-d2efg-h3jkm-n4pqr-s5tvw”', `“${REDACTED}”`],
    ['a code for another device', 'https://h/#/device/WDJB-MJHT now', `https://h/#/device/${REDACTED} now`],
    [
      'an authenticator’s secret',
      'scan otpauth://totp/Castling:anna?secret=MZXW6YTBOI&issuer=Castling now',
      `scan ${REDACTED} now`,
    ],
    ['one beside its name', '?secret=MZXW6YTBOI', `?secret=${REDACTED}`],
    ['half a private key', '-----BEGIN EC PRIVATE KEY-----\nMIGH', REDACTED],
  ])('%s is taken out of a text', (_what, text, expected) => {
    expect(scrubText(text)).toBe(expected);
  });

  it.each([
    'A bearer of good news',
    'eyJustSomeText without a dot that looks like a token at all',
    'https://localhost:8443/api/matches?cursor=10&token_type=bearer',
    'm_0123456789abcdefghij moved to 5',
    '-----BEGIN CERTIFICATE-----',
    '2026-11-22T20:27:50.123Z',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'AA:BB:CC, 0123-4567',
  ])('“%s” stays as it is', (text) => {
    expect(scrubText(text)).toBe(text);
  });

  it('is found whatever else is in the text, or nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...[
          JWT,
          REFRESH,
          'Bearer ',
          'basic  ',
          'DPoP ',
          'abcdefghijkl',
          'token',
          'password',
          '=',
          '-',
          '@',
          ' ',
        ],
        ...[
          'otpauth:',
          '://',
          'u:p',
          'BCDF',
          'ABCDE',
          '12345',
          '-----BEGIN PRIVATE KEY-----',
          '_',
          '.',
          'x',
          '\n',
        ],
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        // With the sign before it nothing is taken for harmless at first sight.
        expect(`= ${scrubText(text)}`).toBe(scrubText(`= ${text}`));
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes time linear in the text, also in one made to be slow', () => {
    const hostile = `${'eyJ'.repeat(100_000)}${'crt'.repeat(100_000)}${'-----BEGIN '.repeat(20_000)}`;
    const startedAt = performance.now();
    scrubText(hostile);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('redact', () => {
  it('cuts a long string and says by how much', () => {
    const cut = redact('x'.repeat(MAX_LOGGED_STRING + 5));
    expect(cut).toBe(`${'x'.repeat(MAX_LOGGED_STRING)}… (5 more)`);
  });

  it('names the size of a buffer instead of its bytes', () => {
    expect(redact(JSON.parse(JSON.stringify({ frame: Buffer.from('secret') })))).toEqual({
      frame: '[6 bytes]',
    });
  });

  it('keeps a property called __proto__ a property', () => {
    const redacted = redact(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"polluted":true}}');
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
  });
});
