/** Each way in which a signed text becomes a verdict, with good ones of its own: ours, an outside issuer's, a proof. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';
import { ProofNonces } from '../../src/auth/dpop/proof-nonces.ts';
import { Proofs } from '../../src/auth/dpop/proofs.ts';
import { SpentProofs } from '../../src/auth/dpop/spent-proofs.ts';
import { outsideIssuerDefaults } from '../../src/auth/issuers/outside-issuer.ts';
import { OutsideTokens } from '../../src/auth/issuers/outside-tokens.ts';
import { newId } from '../../src/protocol/ids.ts';
import { encode, SteppedClock, tokenBench } from './auth-fixture.ts';
import { ProofSigner } from './proof-signer.ts';

export interface VerifierUnderTest {
  readonly name: string;
  readonly tokens: readonly string[];
  verify(token: string): Promise<unknown>;
}

export async function tokenVerifiers(): Promise<readonly VerifierUnderTest[]> {
  return [await ownTokens(), await outsideTokens(), await proofs()];
}

async function ownTokens(): Promise<VerifierUnderTest> {
  const bench = await tokenBench();
  const tokens = await Promise.all(
    [undefined, undefined, 'A'.repeat(43)].map(async (boundTo) => {
      const whom = { player: newId('player'), session: newId('session') };
      return (await bench.tokens.issue({ ...whom, boundTo })).token;
    }),
  );
  return { name: 'our access tokens', tokens, verify: async (token) => await bench.tokens.verify(token) };
}

async function outsideTokens(): Promise<VerifierUnderTest> {
  const clock = new SteppedClock();
  const issuer = 'https://login.example';
  const keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    EdDSA: generateKeyPairSync('ed25519'),
  } as const;
  const jwks = {
    keys: Object.entries(keys).map(([kid, { publicKey }]) => ({
      ...(publicKey.export({ format: 'jwk' }) as JWK),
      kid,
    })),
  };
  const verifier = new OutsideTokens({
    fetchJsonFor: () => async () => JSON.parse(JSON.stringify(jwks)),
    clock: clock.read,
    logger: { info() {}, warn() {} } as never,
  });
  verifier.trust([
    { ...outsideIssuerDefaults, issuer, audience: 'club', jwks: 'https://login.example/keys' },
  ]);
  const seconds = clock.now / 1000;
  const tokens = Object.entries(keys).map(([alg, { privateKey }], index) =>
    signed(
      privateKey,
      { alg, typ: 'JWT', kid: alg },
      { iss: issuer, aud: 'club', sub: `user-${index}`, iat: seconds, exp: seconds + 600 },
    ),
  );
  return {
    name: 'tokens of an outside issuer',
    tokens,
    verify: async (token) => await verifier.verify(token),
  };
}

async function proofs(): Promise<VerifierUnderTest> {
  const clock = new SteppedClock();
  const nonces = new ProofNonces({ key: Buffer.alloc(32, 7), clock: clock.read });
  const checker = new Proofs({ nonces, spent: new SpentProofs({ clock: clock.read }), clock: clock.read });
  const url = 'https://localhost:8443/play';
  const accessToken = 'token';
  const [key, other] = [await ProofSigner.make('ES256'), await ProofSigner.make('EdDSA')];
  const now = clock.now;
  const tokens = [
    key.sign({ url, accessToken, now }),
    key.sign({ url, accessToken, now, claims: { nonce: nonces.fresh() } }),
    other.sign({ url, accessToken, now }),
  ];
  return {
    name: 'proofs of possession',
    tokens,
    // A proof made anew by a stranger is right in itself; what must not be is one that counts as one of these keys.
    verify: async (proof) => {
      await checker.check({ proof, method: 'GET', url }, accessToken);
    },
  };
}

function signed(
  privateKey: KeyObject,
  header: { alg: string; typ: string; kid: string },
  claims: object,
): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign(header.alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), {
    key: privateKey,
    ...(header.alg === 'ES256' && { dsaEncoding: 'ieee-p1363' }),
  });
  return `${input}.${signature.toString('base64url')}`;
}
