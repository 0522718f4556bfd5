import { base64url } from '../protocol/ids.ts';
import type { ProofRequest, Prover } from './access-token.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const jtiBytes = 16;
/** Milliseconds for which a nonce is used; the server takes it for five minutes. */
const nonceMs = 240_000;

/** A key on P-256 (RFC 7518 section 6.2); with `d` the private one. */
export interface KeyJwk {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly d?: string;
}

/**
 * A key that tokens are bound to, and the proofs of it (RFC 9449). Whoever has a bound token and not the key has nothing. Made with
 * Web Crypto, so it works in Node and in a browser.
 */
export class ProofKey implements Prover {
  /** RFC 7638: what the server knows the key by. */
  readonly thumbprint: string;
  readonly #privateKey: CryptoKey;
  readonly #publicJwk: KeyJwk;
  readonly #now: () => number;
  #nonce: { readonly text: string; readonly heardAt: number } | undefined;

  private constructor(options: {
    readonly privateKey: CryptoKey;
    readonly publicJwk: KeyJwk;
    readonly thumbprint: string;
    readonly now: () => number;
  }) {
    this.#privateKey = options.privateKey;
    this.#publicJwk = options.publicJwk;
    this.thumbprint = options.thumbprint;
    this.#now = options.now;
  }

  /** `now` is in Unix milliseconds. */
  static async generate(now: () => number = Date.now): Promise<ProofKey> {
    const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    return await ProofKey.#from(privateKey, now);
  }

  /** @throws TypeError or DOMException when it is not a private key on P-256 */
  static async fromJwk(jwk: KeyJwk, now: () => number = Date.now): Promise<ProofKey> {
    return await ProofKey.#from(await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['sign']), now);
  }

  static async #from(privateKey: CryptoKey, now: () => number): Promise<ProofKey> {
    const { kty = '', crv = '', x = '', y = '' } = await crypto.subtle.exportKey('jwk', privateKey);
    // The members in this order, and no others, are what is hashed.
    const digest = await crypto.subtle.digest('SHA-256', utf8.encode(JSON.stringify({ crv, kty, x, y })));
    const thumbprint = base64url(new Uint8Array(digest));
    return new ProofKey({ privateKey, publicJwk: { kty, crv, x, y }, thumbprint, now });
  }

  /** With the private half: to be kept where nobody else reads it. */
  async toPrivateJwk(): Promise<KeyJwk> {
    return await crypto.subtle.exportKey('jwk', this.#privateKey);
  }

  heardNonce(text: string): void {
    this.#nonce = { text, heardAt: this.#now() };
  }

  async prove({ method, url, accessToken }: ProofRequest): Promise<string> {
    const now = this.#now();
    const nonce = this.#nonce;
    const claims = {
      jti: base64url(crypto.getRandomValues(new Uint8Array(jtiBytes))),
      htm: method,
      htu: url,
      iat: Math.floor(now / 1000),
      ...(accessToken !== undefined && { ath: await digestOf(accessToken) }),
      // Beyond its time it would only be refused; without one the time of this machine counts.
      ...(nonce !== undefined && Math.abs(now - nonce.heardAt) < nonceMs && { nonce: nonce.text }),
    };
    const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: this.#publicJwk };
    const input = `${encode(header)}.${encode(claims)}`;
    const signature = await crypto.subtle.sign(signing, this.#privateKey, utf8.encode(input));
    return `${input}.${base64url(new Uint8Array(signature))}`;
  }
}

const utf8 = new TextEncoder();

function encode(part: object): string {
  return base64url(utf8.encode(JSON.stringify(part)));
}

async function digestOf(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))));
}
