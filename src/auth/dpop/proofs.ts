import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Kysely } from 'kysely';
import type { Json } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { AuthError } from '../auth-error.ts';
import type { AuthSchema } from '../schema.ts';
import { type JwsHeader, type JwsProfile, parseJsonPart, verifyCompactJws } from '../tokens/compact-jws.ts';
import { numericDate } from '../tokens/numeric-date.ts';
import { importVerificationKey, shortAlgorithms, type VerificationKey } from '../tokens/verification-key.ts';
import type { ProofNonces } from './proof-nonces.ts';
import type { SpentProofs } from './spent-proofs.ts';

/** A proof of possession (RFC 9449) as it came, and the request that it came with. */
export interface ShownProof {
  /** The value of the field `DPoP`. */
  readonly proof: string;
  readonly method: string;
  /** As the client must have meant it: `https://`, the host of the request, the path. */
  readonly url: string;
}

/** An access token as it came: with a proof by the scheme `DPoP`, without one by `Bearer`. */
export interface ShownToken {
  readonly token: string;
  readonly proof?: ShownProof;
}

/** A proof that is right in itself. It counts only once it is spent. */
export interface CheckedProof {
  /** RFC 7638 thumbprint of the key that made it. */
  readonly thumbprint: string;
  /** @throws AuthError `invalid_dpop_proof` when it was used before, `busy` */
  spend(db: Kysely<AuthSchema>): Promise<void>;
}

export interface ProofsOptions {
  readonly nonces: ProofNonces;
  readonly spent: SpentProofs;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Seconds that a proof without a nonce may be old, or new: the way to the server, and clocks that differ. One with a nonce of
 * ours needs no clock (RFC 9449 section 4.3, step 11).
 */
const windowSeconds = 60;

/** Checks proofs that a client has the key that its tokens are bound to (RFC 9449 section 4.3). */
export class Proofs {
  readonly #options: ProofsOptions;

  constructor(options: ProofsOptions) {
    this.#options = options;
  }

  /** For the field `DPoP-Nonce` of every answer to a request that had a proof. */
  nonce(): string {
    return this.#options.nonces.fresh();
  }

  /**
   * Checks all that can be known from the proof and its request.
   *
   * @param accessToken the one that came along; without one the proof is for the server that issues them
   * @throws AuthError `invalid_dpop_proof` with the rule, `use_dpop_nonce`
   */
  async check(shown: ShownProof, accessToken?: string): Promise<CheckedProof> {
    const { thumbprint, claims } = await readProof(shown.proof);
    const { jti, htm, htu, ath } = claims;
    if (typeof jti !== 'string' || !jtiForm.test(jti)) throw refused('dpop.jti');
    if (htm !== shown.method) throw refused('dpop.htm');
    if (!isSameUrl(htu, shown.url)) throw refused('dpop.htu');
    if (accessToken !== undefined && ath !== digestOf(accessToken)) throw refused('dpop.ath');
    const goodUntil = this.#goodUntil(claims);
    const { spent } = this.#options;
    return { thumbprint, spend: async (db) => await spent.spend(db, { thumbprint, jti, goodUntil }) };
  }

  /**
   * Checks that an access token came as it must: one that is bound, with a proof by its key; one that is not, without.
   * Gives the proof that is to be spent.
   *
   * @param boundTo the thumbprint that the token names
   * @throws AuthError `invalid_dpop_proof`, `use_dpop_nonce`
   */
  async requireBinding(
    boundTo: string | undefined,
    { token, proof: shown }: ShownToken,
  ): Promise<CheckedProof | undefined> {
    if (boundTo === undefined) {
      if (shown !== undefined) throw refused('dpop.unbound');
      return undefined;
    }
    // A bound token that is sent as a bearer token is what a thief would send (RFC 9449 section 7.2).
    if (shown === undefined) throw refused('dpop.missing');
    const proof = await this.check(shown, token);
    if (proof.thumbprint !== boundTo) throw refused('dpop.key');
    return proof;
  }

  /** Unix seconds. */
  #goodUntil({ iat, nonce }: { readonly [name: string]: Json }): number {
    const issuedAt = numericDate(iat);
    if (issuedAt === undefined) throw refused('dpop.iat');
    if (nonce !== undefined) {
      const until = typeof nonce === 'string' ? this.#options.nonces.goodUntil(nonce) : undefined;
      if (until === undefined) throw new AuthError('use_dpop_nonce');
      return until;
    }
    const now = this.#options.clock() / 1000;
    if (Math.abs(now - issuedAt) > windowSeconds) throw refused('dpop.iat');
    return issuedAt + windowSeconds;
  }
}

const jtiForm = /^[\x21-\x7e]{8,128}$/;
/** Characters of an `htu`. */
const longestUrl = 2048;

/** By what it means (RFC 3986 section 6.2), and whatever query and fragment it has. */
function isSameUrl(htu: Json | undefined, url: string): boolean {
  if (typeof htu !== 'string' || htu.length > longestUrl) return false;
  const claimed = URL.parse(htu);
  const actual = URL.parse(url);
  if (claimed === null || actual === null || claimed.username !== '' || claimed.password !== '') return false;
  return claimed.origin === actual.origin && claimed.pathname === actual.pathname;
}

function digestOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url');
}

const profile: JwsProfile = {
  longest: limits.proofBytes,
  headerNames: new Set(['jwk']),
  types: new Set(['dpop+jwt']),
  algorithms: shortAlgorithms,
  keyFor: keyInHeader,
};

async function readProof(
  text: string,
): Promise<{ readonly thumbprint: string; readonly claims: { readonly [name: string]: Json } }> {
  try {
    const { payload, key } = await verifyCompactJws(text, profile);
    const claims = parseJsonPart(payload);
    if (claims === undefined) throw refused('dpop.json');
    return { thumbprint: key.kid, claims };
  } catch (cause) {
    if (cause instanceof AuthError && cause.code.startsWith('token_')) {
      throw refused(cause.code.replace('token_', 'dpop.'), cause);
    }
    throw cause;
  }
}

/** Members of a public key. Any private one means that the client has given its key away. */
const publicMembers: ReadonlySet<string> = new Set(['kty', 'crv', 'x', 'y', 'alg', 'use', 'key_ops', 'kid']);

/** The key that the proof brings along: here, and only here, a token names its own. */
async function keyInHeader({ alg, jwk }: JwsHeader): Promise<VerificationKey | undefined> {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw refused('dpop.jwk');
  if (!Object.keys(jwk).every((name) => publicMembers.has(name))) throw refused('dpop.jwk');
  const { kty, crv, x, y } = jwk as JWK;
  const key: JWK = { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), ...(y && { y }) };
  try {
    return await importVerificationKey({ ...key, alg, kid: await calculateJwkThumbprint(key) });
  } catch (cause) {
    throw refused('dpop.jwk', cause);
  }
}

function refused(rule: string, cause?: unknown): AuthError {
  return new AuthError('invalid_dpop_proof', { rule, ...(cause === undefined ? {} : { cause }) });
}
