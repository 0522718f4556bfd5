/** Proofs of possession of every kind, right ones and wrong ones, each with a true signature. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { encode } from './auth-fixture.ts';

export interface ProofParts {
  readonly method?: string;
  readonly url: string;
  readonly accessToken?: string;
  /** Laid over what a right proof has. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Unix milliseconds. */
  readonly now?: number;
}

export class ProofSigner {
  readonly thumbprint: string;
  readonly jwk: JWK;
  readonly privateJwk: JWK;
  readonly #privateKey: KeyObject;
  readonly #alg: 'EdDSA' | 'ES256';

  private constructor(alg: 'EdDSA' | 'ES256', privateKey: KeyObject, jwk: JWK, thumbprint: string) {
    this.#alg = alg;
    this.#privateKey = privateKey;
    this.jwk = jwk;
    this.privateJwk = privateKey.export({ format: 'jwk' }) as JWK;
    this.thumbprint = thumbprint;
  }

  static async make(alg: 'EdDSA' | 'ES256' = 'ES256'): Promise<ProofSigner> {
    const { privateKey, publicKey } =
      alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = publicKey.export({ format: 'jwk' }) as JWK;
    return new ProofSigner(alg, privateKey, jwk, await calculateJwkThumbprint(jwk));
  }

  sign({ method = 'GET', url, accessToken, header = {}, claims = {}, now = Date.now() }: ProofParts): string {
    const head = { typ: 'dpop+jwt', alg: this.#alg, jwk: this.jwk, ...header };
    const body = {
      jti: randomBytes(16).toString('base64url'),
      htm: method,
      htu: url,
      iat: Math.floor(now / 1000),
      ...(accessToken !== undefined && { ath: athOf(accessToken) }),
      ...claims,
    };
    const input = `${encode(head)}.${encode(body)}`;
    const signature =
      this.#alg === 'EdDSA'
        ? sign(null, Buffer.from(input), this.#privateKey)
        : sign('sha256', Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }
}

export function athOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url');
}
