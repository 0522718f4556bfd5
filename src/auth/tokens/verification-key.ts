import { type CryptoKey, importJWK, type JWK } from 'jose';
import { hasRocaFingerprint } from './roca-fingerprint.ts';

export interface VerificationKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  readonly publicKey: CryptoKey;
}

/** What signatures are verified with at all; nothing else is imported, so nothing else can be used. */
export type SignatureAlgorithm = keyof typeof kinds;

const kinds = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
} as const satisfies {
  readonly [alg: string]: { readonly kty: 'OKP' | 'EC'; readonly crv: string } | { readonly kty: 'RSA' };
};

/** What our own tokens, and proofs of a client's key, may be signed with: short signatures, made and checked fast. */
export const shortAlgorithms: ReadonlySet<string> = new Set([
  'EdDSA',
  'ES256',
] satisfies SignatureAlgorithm[]);

/**
 * Imports the public half of a JWK that says what it is for: `kid`, `alg`, and where present `use` and `key_ops`, all of which
 * must agree with verifying signatures by that algorithm (RFC 7517 section 4).
 *
 * @throws TypeError for a key of any other kind
 */
export async function importVerificationKey(
  jwk: JWK,
  allowed: ReadonlySet<string> = shortAlgorithms,
): Promise<VerificationKey> {
  const { kid, alg, use, key_ops: operations } = jwk;
  if (!isAlgorithm(alg) || !allowed.has(alg)) {
    throw unusable(kid, `its algorithm is none of ${[...allowed].join(', ')}`);
  }
  if (kid === undefined || kid === '') throw unusable(kid, 'it has no kid');
  if (use !== undefined && use !== 'sig') throw unusable(kid, 'its use is not sig');
  if (
    operations !== undefined &&
    !operations.some((operation) => operation === 'verify' || operation === 'sign')
  ) {
    throw unusable(kid, 'it is not for signatures');
  }
  const publicJwk = kinds[alg].kty === 'RSA' ? rsaHalf(jwk) : curveHalf(jwk, alg);
  try {
    return { kid, alg, publicKey: (await importJWK(publicJwk, alg)) as CryptoKey };
  } catch (cause) {
    throw unusable(kid, 'it is not a public key', cause);
  }
}

/** Members are named one by one, so that no private one comes along. */
function curveHalf({ kid, kty, crv, x, y }: JWK, alg: SignatureAlgorithm): JWK {
  const kind: { readonly kty: string; readonly crv?: string } = kinds[alg];
  if (kty !== kind.kty || crv !== kind.crv) throw unusable(kid, `its curve is not that of ${alg}`);
  if (x === undefined) throw unusable(kid, 'it lacks a coordinate');
  return { ...kind, x, ...(y === undefined ? {} : { y }) };
}

/** Bytes of an RSA modulus: 2048 bits are the least that RFC 7518 section 3.3 allows, and 8192 the most that is not a load. */
const modulusBytes = { least: 256, most: 1024 } as const;

function rsaHalf({ kid, kty, n, e }: JWK): JWK {
  if (kty !== 'RSA' || n === undefined) throw unusable(kid, 'it is not an RSA key');
  const modulus = Buffer.from(n, 'base64url');
  const { length } = modulus;
  if (length < modulusBytes.least || length > modulusBytes.most) {
    throw unusable(kid, `its modulus has ${length * 8} bits`);
  }
  if (hasRocaFingerprint(modulus)) throw unusable(kid, 'its modulus can be factored (CVE-2017-15361)');
  // 65537, as everybody has it: a huge exponent would make each check cost as much as a signature.
  if (e !== 'AQAB') throw unusable(kid, 'its exponent is not 65537');
  return { kty, n, e };
}

function isAlgorithm(alg: string | undefined): alg is SignatureAlgorithm {
  return alg !== undefined && Object.hasOwn(kinds, alg);
}

/** @throws TypeError when two keys have one `kid`: which of them verifies must not depend on their order */
export function keysByKid<Key extends VerificationKey>(keys: readonly Key[]): ReadonlyMap<string, Key> {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  if (byKid.size !== keys.length) throw new TypeError('Two signing keys have the same kid.');
  return byKid;
}

function unusable(kid: string | undefined, why: string, cause?: unknown): TypeError {
  return new TypeError(`The signing key ${JSON.stringify(kid ?? '')} cannot be used: ${why}.`, { cause });
}
