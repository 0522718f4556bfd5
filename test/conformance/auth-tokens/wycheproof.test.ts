import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { IssuerKeys } from '../../../src/auth/issuers/issuer-keys.ts';
import { outsideIssuerDefaults } from '../../../src/auth/issuers/outside-issuer.ts';
import { type JwsHeader, type JwsProfile, verifyCompactJws } from '../../../src/auth/tokens/compact-jws.ts';
import {
  importVerificationKey,
  keysByKid,
  shortAlgorithms,
  type VerificationKey,
} from '../../../src/auth/tokens/verification-key.ts';
import { codeOf, encode } from '../../support/auth-fixture.ts';

/**
 * C1 and C6: the JOSE vectors of C2SP/wycheproof (Apache-2.0), read in place where they are at hand. They are not part of
 * the project, so elsewhere the vectors below, made for this project in the same form, stand in for them.
 */
const folder = new URL('../../../../shared/data/wycheproof/', import.meta.url);

/** The vectors say nothing of their kind; all else is as for our own tokens. */
const plainProfile: Omit<JwsProfile, 'keyFor'> = {
  longest: 8192,
  headerNames: new Set(['kid']),
  types: new Set([undefined]),
  algorithms: shortAlgorithms,
};

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws?: unknown;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}
interface Group {
  readonly comment: string;
  readonly public?: JWK & { readonly keys?: JWK[] };
  readonly private?: JWK & { readonly keys?: JWK[] };
  readonly tests: readonly Vector[];
}

const files = ['json_web_signature_test.json', 'json_web_crypto_test.json', 'json_web_key_test.json'];

/** Says whether a verifier of the gateway takes a vector, with the keys of its group. */
type Verdict = (group: Group, vector: Vector) => Promise<boolean>;

/** The keys of a group as the gateway would hold them. It imports Ed25519 and P-256 signing keys and has no place for others. */
async function keysOf(group: Group): Promise<ReadonlyMap<string, VerificationKey>> {
  const given = group.public ?? group.private ?? {};
  const keys: VerificationKey[] = [];
  for (const jwk of given.keys ?? [given]) {
    try {
      keys.push(await importVerificationKey(jwk));
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
  }
  return keysByKid(keys);
}

const byOurs: Verdict = async (group, { jws }) => {
  const keys = await keysOf(group);
  const text = typeof jws === 'string' ? jws : JSON.stringify(jws);
  const keyFor = ({ kid }: JwsHeader) => (typeof kid === 'string' ? keys.get(kid) : undefined);
  const code = await codeOf(verifyCompactJws(text, { ...plainProfile, keyFor }));
  if (code !== undefined) expect(code).toMatch(/^token_/);
  return code === undefined;
};

/** RSA keys and those of P-384, too, as they come in the key set of an issuer that the operator lists. */
const byAnOutsideIssuers: Verdict = async ({ public: given, private: secret }, { jws }) => {
  const { keys = [given ?? secret ?? {}] } = given ?? secret ?? {};
  const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
  const issuer = { ...outsideIssuerDefaults, issuer: 'https://login.example', audience: 'club', algorithms };
  const found = new IssuerKeys({
    issuer: { ...issuer, jwks: 'https://login.example/keys' },
    fetchJson: async () => JSON.parse(JSON.stringify({ keys })),
    clock: Date.now,
    logger: { info() {}, warn() {} } as never,
  });
  const code = await codeOf(
    verifyCompactJws(typeof jws === 'string' ? jws : JSON.stringify(jws), {
      ...plainProfile,
      signature: { least: 86, most: 1366 },
      algorithms: new Set(algorithms),
      keyFor: async ({ kid, alg }) => (typeof kid === 'string' ? await found.find(kid, alg) : undefined),
    }),
  );
  if (code !== undefined) expect(code).toMatch(/^token_|^issuer_unavailable$/);
  return code === undefined;
};

const verifiers: readonly [string, Verdict][] = [
  ['ours', byOurs],
  ['an outside issuer’s', byAnOutsideIssuers],
];

if (existsSync(folder)) describe('C1 public negative vectors', publicVectors);
else console.warn('Wycheproof vectors are not at hand; C1 and C6 run on the vectors of this project alone.');

function publicVectors(): void {
  const everywhere = files.flatMap((file) =>
    verifiers.map(([name, verdict]) => [file, name, verdict] as const),
  );

  it.each(everywhere)('refuses every invalid vector of %s as %s', async (file, _name, isAccepted) => {
    const { testGroups } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { testGroups: Group[] };
    let refused = 0;
    for (const group of testGroups) {
      for (const vector of group.tests) {
        if (vector.result !== 'invalid' || vector.jws === undefined) continue;
        expect(await isAccepted(group, vector), `${group.comment} ${vector.tcId} ${vector.comment}`).toBe(
          false,
        );
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });

  it.each([
    [...verifiers[0]!, { kty: 'EC', crv: 'P-256' }, [18, 378]],
    [...verifiers[1]!, { kty: 'EC', crv: 'P-256' }, [18, 378]],
    [
      ...verifiers[1]!,
      { kty: 'RSA', crv: undefined },
      [33, 260, 261, 262, 263, 273, 274, 275, 287, 288, 345, 349],
    ],
  ] as const)(
    'accepts valid vectors as %s, so that the refusals are not for want of trying',
    async (_name, isAccepted, kind, expected) => {
      const { testGroups } = JSON.parse(readFileSync(new URL(files[0]!, folder), 'utf8')) as {
        testGroups: Group[];
      };
      const accepted: number[] = [];
      for (const group of testGroups.filter(
        ({ public: key }) => key?.kty === kind.kty && key.crv === kind.crv,
      )) {
        for (const vector of group.tests) {
          if (vector.result === 'valid' && (await isAccepted(group, vector))) accepted.push(vector.tcId);
        }
      }
      expect(accepted).toEqual(expected);
    },
  );
}

describe('C1 and C6: vectors of this project', () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

  async function p256() {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = await importVerificationKey({
      ...pair.publicKey.export({ format: 'jwk' }),
      kid: 'one',
      alg: 'ES256',
    });
    const input = `${encode({ alg: 'ES256', kid: 'one' })}.${encode('{}')}`;
    const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
    const verdict = async (raw: Buffer) =>
      await codeOf(
        verifyCompactJws(`${input}.${raw.toString('base64url')}`, {
          ...plainProfile,
          keyFor: ({ kid }) => (kid === 'one' ? key : undefined),
        }),
      );
    return { input, signature, verdict, privateKey: pair.privateKey };
  }

  it('accepts a true ES256 signature and refuses it with any bit changed', async () => {
    const { signature, verdict } = await p256();
    expect(await verdict(signature)).toBeUndefined();
    for (const bit of [0, 7, 255, 256, 511]) {
      const changed = Buffer.from(signature);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await verdict(changed)).toBe('token_signature_wrong');
    }
  });

  it('refuses r = s = 0, r or s = 0 or n, and DER', async () => {
    const { input, signature, verdict, privateKey } = await p256();
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    for (const edge of [0n, order]) {
      expect(await verdict(Buffer.concat([bytes(edge), bytes(edge)]))).toBe('token_signature_wrong');
      expect(await verdict(Buffer.concat([bytes(edge), s]))).toBe('token_signature_wrong');
      expect(await verdict(Buffer.concat([r, bytes(edge)]))).toBe('token_signature_wrong');
    }
    expect(await verdict(sign('sha256', Buffer.from(input), privateKey))).toBe('token_malformed');
  });

  it('takes the mirrored signature for the same token: identity is the jti, never the text', async () => {
    const { signature, verdict } = await p256();
    const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const mirrored = Buffer.concat([signature.subarray(0, 32), bytes(order - s)]);
    // ECDSA allows it; what must not happen is that anything is remembered by the text of a token.
    expect(await verdict(mirrored)).toBeUndefined();
  });

  it.each([
    [{ use: 'enc' }, 'use'],
    [{ key_ops: ['deriveBits'] }, 'signatures'],
    [{ alg: 'ES384' }, 'algorithm'],
    [{ alg: 'HS256', kty: 'oct', k: 'AAAA' }, 'algorithm'],
    [{ alg: 'EdDSA' }, 'curve'],
    [{ crv: 'P-384' }, 'curve'],
    [{ kid: '' }, 'kid'],
    [{ x: undefined }, 'coordinate'],
  ])('imports no key with %j', async (change, reason) => {
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const good = { ...jwk, kid: 'one', alg: 'ES256' };
    expect((await importVerificationKey(good)).kid).toBe('one');
    await expect(importVerificationKey({ ...good, ...change } as JWK)).rejects.toThrow(reason);
  });

  it('refuses two keys with one kid', async () => {
    const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const key = await importVerificationKey({ ...jwk, kid: 'one', alg: 'EdDSA' });
    expect(keysByKid([key]).get('one')).toBe(key);
    expect(() => keysByKid([key, key])).toThrow('same kid');
  });
});
