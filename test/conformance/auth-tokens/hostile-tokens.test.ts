import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, encode, type TokenBench, tokenBench } from '../../support/auth-fixture.ts';

let bench: TokenBench;
let genuine: string;

beforeAll(async () => {
  bench = await tokenBench();
  genuine = await bench.sign();
});
afterAll(async () => {
  await bench.store.close();
});

const verdict = async (token: string): Promise<unknown> => await codeOf(bench.tokens.verify(token));
describe('a genuine token', () => {
  it('is accepted, so that the refusals below have a cause of their own', async () => {
    expect(await bench.tokens.verify(genuine)).toMatchObject({
      player: bench.claims.sub,
      session: bench.claims.sid,
    });
    const { token } = await bench.tokens.issue({
      player: bench.claims.sub as never,
      session: bench.claims.sid as never,
    });
    expect(await verdict(token)).toBeUndefined();
  });
});

describe('C2 alg none, null and blank signatures', () => {
  it.each([
    'none',
    'None',
    'nOnE',
    'NONE',
    '',
    ' none',
    'EDDSA',
    'eddsa',
    'Ed25519',
    'HS256',
    'RS256',
    'ES512',
  ])('refuses alg %j even with a true signature', async (alg) => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, alg } }))).toBe(
      'token_header_refused',
    );
  });

  it.each([undefined, null, 0, ['EdDSA'], { EdDSA: true }])('refuses alg %j', async (alg) => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, alg } }))).toBe(
      'token_header_refused',
    );
  });

  it('refuses an algorithm that we know with a key that is for another', async () => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, alg: 'ES256' } }))).toBe(
      'token_header_refused',
    );
  });

  it('refuses signatures that are empty, absent, short, long, of zeros, or of another token', async () => {
    const input = genuine.slice(0, genuine.lastIndexOf('.'));
    const other = (await bench.sign({ payload: { ...bench.claims, jti: 'B'.repeat(22) } })).split('.')[2]!;
    expect(await verdict(`${input}.`)).toBe('token_malformed');
    expect(await verdict(input)).toBe('token_malformed');
    expect(await verdict(`${input}.${'A'.repeat(43)}`)).toBe('token_malformed');
    expect(await verdict(`${input}.${'A'.repeat(88)}`)).toBe('token_malformed');
    expect(await verdict(`${input}.${'A'.repeat(86)}`)).toBe('token_signature_wrong');
    expect(await verdict(`${input}.${other}`)).toBe('token_signature_wrong');
  });

  it('refuses HMAC with an empty secret', async () => {
    for (const alg of ['HS256', 'HS512'] as const) {
      const input = `${encode({ ...bench.header, alg })}.${encode(bench.claims)}`;
      const tag = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', '')
        .update(input)
        .digest('base64url');
      expect(await verdict(`${input}.${tag}`)).toMatch(/^token_(malformed|header_refused)$/);
    }
  });
});

describe('C3 key confusion', () => {
  it('refuses HMAC keyed with any spelling of our public key', async () => {
    const [jwk] = bench.keys.jwks().keys;
    const publicKey = createPublicKey({ key: jwk as never, format: 'jwk' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const secrets: (string | Buffer)[] = [
      pem,
      pem.trimEnd(),
      publicKey.export({ type: 'spki', format: 'der' }),
      Buffer.from(jwk!.x!, 'base64url'),
      jwk!.x!,
      JSON.stringify(jwk),
      `${JSON.stringify(jwk)}\n`,
    ];
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const) {
      const input = `${encode({ ...bench.header, alg })}.${encode(bench.claims)}`;
      for (const secret of secrets) {
        const tag = createHmac(hash, secret).update(input).digest('base64url');
        expect(await verdict(`${input}.${tag}`)).toMatch(/^token_(malformed|header_refused)$/);
        // As long as a signature of ours, so that it comes past the check of form.
        expect(await verdict(`${input}.${tag.padEnd(86, 'A').slice(0, 86)}`)).toMatch(
          /^token_(malformed|header_refused)$/,
        );
      }
    }
  });
});

describe('C4 keys named by the token', () => {
  const attacker = generateKeyPairSync('ed25519');
  const jwk = attacker.publicKey.export({ format: 'jwk' });
  const forge = (header: object): string => {
    const input = `${encode(header)}.${encode(bench.claims)}`;
    return `${input}.${sign(null, Buffer.from(input), attacker.privateKey).toString('base64url')}`;
  };

  it('refuses a key or certificate inside the header, whoever signed', async () => {
    for (const extra of [{ jwk }, { x5c: ['MIIB'] }, { 'x5t#S256': 'abc' }]) {
      expect(await verdict(forge({ ...bench.header, ...extra }))).toBe('token_header_refused');
      expect(await verdict(await bench.sign({ header: { ...bench.header, ...extra } }))).toBe(
        'token_header_refused',
      );
    }
  });

  it('refuses the kid of our key with the signature of another', async () => {
    expect(await verdict(forge(bench.header))).toBe('token_signature_wrong');
  });

  it('never fetches what jku or x5u point to', async () => {
    let connections = 0;
    const server = createServer((_request, response) => {
      response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    });
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    try {
      for (const place of [url, 'file:///etc/hostname', 'https://games.example/jwks.json']) {
        expect(await verdict(forge({ ...bench.header, jku: place }))).toBe('token_header_refused');
        expect(await verdict(forge({ ...bench.header, x5u: place }))).toBe('token_header_refused');
      }
      expect(connections).toBe(0);
      // The counter counts.
      await fetch(url, { redirect: 'manual' });
      expect(connections).toBe(1);
    } finally {
      server.close();
    }
  });
});

describe('C5 kid injection', () => {
  const hostile = [
    '../../dev/null',
    "' OR 1=1--",
    '; id',
    '__proto__',
    'constructor',
    'toString',
    '',
    '\u0000',
    'x'.repeat(5000),
  ];

  it.each(hostile)('knows no key by the name %j', async (kid) => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, kid } }))).toBe('token_key_unknown');
  });

  it('refuses a kid that is not text, and one of 10 KB', async () => {
    for (const kid of [['a'], { a: 1 }, 7, null, true]) {
      expect(await verdict(await bench.sign({ header: { ...bench.header, kid } }))).toBe(
        'token_header_refused',
      );
    }
    expect(await verdict(await bench.sign({ header: { ...bench.header, kid: 'x'.repeat(10_240) } }))).toBe(
      'token_too_large',
    );
  });

  it('asks the store nothing: with the store closed the answer is the same', async () => {
    const own = await tokenBench();
    await own.store.close();
    for (const kid of hostile) {
      expect(await codeOf(own.tokens.verify(await own.sign({ header: { ...own.header, kid } })))).toBe(
        'token_key_unknown',
      );
    }
  });
});

describe('C7 crit, b64, zip and JWE', () => {
  it.each([
    { crit: ['x'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { enc: 'A256GCM' },
    { p2c: 2 ** 31 },
    { cty: 'JWT' },
    { url: 'https://games.example' },
  ])('refuses the header member %j under a true signature', async (extra) => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, ...extra } }))).toBe(
      'token_header_refused',
    );
  });

  it('refuses a JWE that asks for 2^31 rounds of PBES2 at once', async () => {
    const header = encode({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2 ** 31, p2s: 'AAAA' });
    const jwe = `${header}.${'A'.repeat(54)}.${'A'.repeat(16)}.${'A'.repeat(64)}.${'A'.repeat(22)}`;
    const times: number[] = [];
    for (let round = 0; round < 21; round += 1) {
      const start = performance.now();
      expect(await verdict(jwe)).toBe('token_malformed');
      times.push(performance.now() - start);
    }
    expect(times.toSorted((one, other) => one - other)[10]).toBeLessThan(2);
  });
});

describe('C8 form', () => {
  it('refuses every other spelling of a genuine token', async () => {
    const [header, payload, signature] = genuine.split('.') as [string, string, string];
    const spellings = [
      JSON.stringify({ protected: header, payload, signature }),
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
      ` ${genuine}`,
      `${genuine} `,
      `${genuine}\n`,
      `${header}.${payload}.\n${signature}`,
      `${header}. ${payload}.${signature}`,
      `${genuine}=`,
      `${header}=.${payload}.${signature}`,
      `${genuine.slice(0, -1)}+`,
      `${genuine.slice(0, -1)}/`,
      `{${genuine}}`,
      `"${genuine}"`,
      `${genuine}.`,
      `.${genuine}`,
      `${genuine}.${signature}`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      '',
      '..',
    ];
    for (const spelling of spellings) expect(await verdict(spelling), spelling).toBe('token_malformed');
  });

  it('refuses the last characters that decode to the same bytes', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(genuine.at(-1)!);
    // 86 characters carry 516 bits for 512: four spellings of the last one, of which ours is the first.
    for (let low = 1; low < 4; low += 1) {
      const other = genuine.slice(0, -1) + alphabet[last + low]!;
      expect(Buffer.from(other.split('.')[2]!, 'base64url')).toEqual(
        Buffer.from(genuine.split('.')[2]!, 'base64url'),
      );
      expect(await verdict(other)).toBe('token_malformed');
    }
  });

  it('refuses 8,193 bytes before it looks at the form, and looks at 8,192', async () => {
    expect(await verdict('a'.repeat(8193))).toBe('token_too_large');
    expect(await verdict('a'.repeat(8192))).toBe('token_malformed');
  });

  it('refuses headers that are not one JSON object, read one way', async () => {
    const { kid } = bench.header;
    for (const header of [
      `{"alg":"EdDSA","alg":"none","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}","__proto__":{}}`,
      `\ufeff{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"} x`,
      '[]',
      'null',
      '"EdDSA"',
      '{',
    ]) {
      expect(await verdict(await bench.sign({ header })), header).toBe('token_header_refused');
    }
    const notUtf8 = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url');
    expect(await verdict(`${notUtf8}.${genuine.split('.')[1]}.${'A'.repeat(86)}`)).toBe(
      'token_header_refused',
    );
  });
});

describe('C9 claims', () => {
  const now = () => bench.clock.now / 1000;
  const cases: [string, (claims: Record<string, unknown>) => object, string][] = [
    ['exp missing', ({ exp: _, ...rest }) => rest, 'token_claims_refused'],
    ['exp as text', (claims) => ({ ...claims, exp: String(claims.exp) }), 'token_claims_refused'],
    ['exp in the year 9999', (claims) => ({ ...claims, exp: 253_402_300_799 }), 'token_claims_refused'],
    ['exp in the past', (claims) => ({ ...claims, iat: now() - 700, exp: now() - 100 }), 'token_expired'],
    ['exp before iat', (claims) => ({ ...claims, exp: now() - 1 }), 'token_claims_refused'],
    ['exp fractional', (claims) => ({ ...claims, exp: now() + 0.5 }), 'token_claims_refused'],
    ['nbf in the future', (claims) => ({ ...claims, nbf: now() + 300 }), 'token_claims_refused'],
    ['nbf as text', (claims) => ({ ...claims, nbf: '0' }), 'token_claims_refused'],
    ['iat missing', ({ iat: _, ...rest }) => rest, 'token_claims_refused'],
    [
      'iat ten minutes ahead',
      (claims) => ({ ...claims, iat: now() + 600, exp: now() + 900 }),
      'token_claims_refused',
    ],
    ['iat negative', (claims) => ({ ...claims, iat: -1 }), 'token_claims_refused'],
    ['a life of 601 s', (claims) => ({ ...claims, exp: now() + 601 }), 'token_claims_refused'],
    ['sub 7', (claims) => ({ ...claims, sub: 7 }), 'token_claims_refused'],
    ['sub empty', (claims) => ({ ...claims, sub: '' }), 'token_claims_refused'],
    ['sub in a list', (claims) => ({ ...claims, sub: [claims.sub] }), 'token_claims_refused'],
    ['sub a session', (claims) => ({ ...claims, sub: claims.sid }), 'token_claims_refused'],
    ['sid missing', ({ sid: _, ...rest }) => rest, 'token_claims_refused'],
    ['aud other', (claims) => ({ ...claims, aud: 'other' }), 'token_claims_refused'],
    ['aud [other, ours]', (claims) => ({ ...claims, aud: ['other', claims.aud] }), 'token_claims_refused'],
    ['aud [ours]', (claims) => ({ ...claims, aud: [claims.aud] }), 'token_claims_refused'],
    ['aud missing', ({ aud: _, ...rest }) => rest, 'token_claims_refused'],
    ['iss other', (claims) => ({ ...claims, iss: `${claims.iss}/` }), 'token_claims_refused'],
    ['iss missing', ({ iss: _, ...rest }) => rest, 'token_claims_refused'],
    ['jti missing', ({ jti: _, ...rest }) => rest, 'token_claims_refused'],
    ['jti empty', (claims) => ({ ...claims, jti: '' }), 'token_claims_refused'],
  ];

  it.each(cases)('refuses %s', async (_name, change, code) => {
    expect(await verdict(await bench.sign({ payload: change(bench.claims) }))).toBe(code);
  });

  it('refuses a claim twice, a number beyond all numbers, and a payload that is no object', async () => {
    const text = JSON.stringify(bench.claims);
    for (const payload of [
      text.replace('"sub"', '"sub":"p_BBBBBBBBBBBBBBBBBBBBBB","sub"'),
      text.replace(/"exp":\d+/, '"exp":1e400'),
      text.replace(/"exp":\d+/, '"exp":null'),
      `[${text}]`,
      '"text"',
      '',
    ]) {
      const code = await verdict(await bench.sign({ payload }));
      expect(code, payload).toMatch(/^token_(claims_refused|malformed)$/);
    }
  });

  it('allows 60 seconds between clocks, on both sides, and no more', async () => {
    const expiring = { ...bench.claims, iat: now() - 659, exp: now() - 59 };
    expect(await verdict(await bench.sign({ payload: expiring }))).toBeUndefined();
    const expired = { ...bench.claims, iat: now() - 660, exp: now() - 60 };
    expect(await verdict(await bench.sign({ payload: expired }))).toBe('token_expired');
    const early = { ...bench.claims, iat: now() + 60, exp: now() + 660 };
    expect(await verdict(await bench.sign({ payload: early }))).toBeUndefined();
    const tooEarly = { ...bench.claims, iat: now() + 61, exp: now() + 661 };
    expect(await verdict(await bench.sign({ payload: tooEarly }))).toBe('token_claims_refused');
  });
});

describe('C10 kinds of token do not mix', () => {
  it.each([
    'JWT',
    'rt+jwt',
    'AT+JWT',
    'application/at+jwt',
    'application/AT+JWT',
    'at+jwt ',
    '',
    undefined,
    1,
  ])('refuses typ %j under a true signature', async (typ) => {
    expect(await verdict(await bench.sign({ header: { ...bench.header, typ } }))).toBe(
      'token_header_refused',
    );
  });

  it('refuses a refresh token', async () => {
    expect(await verdict(`crt_${'A'.repeat(43)}`)).toBe('token_malformed');
  });
});
