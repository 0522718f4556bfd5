import { type CryptoKey, importJWK, type JWK } from 'jose';

export interface VerificationKey {
  readonly kid: string;
  readonly alg: SignatureAlgorithm;
  readonly publicKey: CryptoKey;
}

/** What tokens may be signed with; nothing else is imported, so nothing else can be used. */
export type SignatureAlgorithm = 'EdDSA' | 'ES256';

const kinds: { readonly [Alg in SignatureAlgorithm]: { readonly kty: 'OKP' | 'EC'; readonly crv: string } } =
  {
    EdDSA: { kty: 'OKP', crv: 'Ed25519' },
    ES256: { kty: 'EC', crv: 'P-256' },
  };

/**
 * Imports the public half of a JWK that says what it is for: `kid`, `alg`, and where present `use` and `key_ops`, all of which
 * must agree with verifying signatures on the curve of that algorithm (RFC 7517 section 4).
 *
 * @throws TypeError for a key of any other kind
 */
export async function importVerificationKey(jwk: JWK): Promise<VerificationKey> {
  const { kid, alg, kty, crv, x, y, use, key_ops: operations } = jwk;
  if (!isSignatureAlgorithm(alg)) throw unusable(kid, 'its algorithm is neither EdDSA nor ES256');
  const kind = kinds[alg];
  if (kty !== kind.kty || crv !== kind.crv) throw unusable(kid, `its curve is not that of ${alg}`);
  if (kid === undefined || kid === '') throw unusable(kid, 'it has no kid');
  if (use !== undefined && use !== 'sig') throw unusable(kid, 'its use is not sig');
  if (
    operations !== undefined &&
    !operations.some((operation) => operation === 'verify' || operation === 'sign')
  ) {
    throw unusable(kid, 'it is not for signatures');
  }
  if (x === undefined) throw unusable(kid, 'it lacks a coordinate');
  // Named one by one, so that no private member comes along.
  const publicJwk: JWK = { ...kind, x, ...(y === undefined ? {} : { y }) };
  try {
    return { kid, alg, publicKey: (await importJWK(publicJwk, alg)) as CryptoKey };
  } catch (cause) {
    throw unusable(kid, 'it is not a point of its curve', cause);
  }
}

function isSignatureAlgorithm(alg: string | undefined): alg is SignatureAlgorithm {
  return alg === 'EdDSA' || alg === 'ES256';
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
