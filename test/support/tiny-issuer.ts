/** An OpenID Connect provider as small as can be: keys, a discovery document, and tokens of every kind. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import type { OutsideIssuer } from '../../src/auth/issuers/outside-issuer.ts';
import { outsideIssuerDefaults } from '../../src/auth/issuers/outside-issuer.ts';
import { encode } from './auth-fixture.ts';
import type { LinkCertificates } from './link-certificates.ts';

export interface TokenParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Unix milliseconds. */
  readonly now?: number;
}

export class TinyIssuer {
  readonly url: string;
  readonly ca: string;
  readonly #server: Server;
  #keys: { readonly kid: string; readonly privateKey: KeyObject; readonly jwk: JWK }[] = [];
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  /** In place of an answer that is right. */
  answer:
    | ((path: string) => { status?: number; headers?: Record<string, string>; body?: string } | undefined)
    | undefined;

  private constructor(server: Server, ca: string) {
    this.#server = server;
    this.ca = ca;
    this.url = `https://localhost:${(server.address() as AddressInfo).port}`;
    this.rotate('RS256');
    server.on('request', (request, response) => {
      const path = request.url ?? '';
      this.asked.push(path);
      const { status = 200, headers = {}, body = this.#bodyOf(path) } = this.answer?.(path) ?? {};
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    });
  }

  static async start(certificates: LinkCertificates): Promise<TinyIssuer> {
    certificates.issue({
      name: 'issuer',
      issuer: 'ca',
      usage: 'serverAuth',
      dns: 'localhost',
      ip: '127.0.0.1',
    });
    const server = createServer(certificates.credential('issuer'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TinyIssuer(server, certificates.read('ca.pem'));
  }

  /** As an operator lists it. */
  listed(change: Partial<OutsideIssuer> = {}): OutsideIssuer {
    return {
      ...outsideIssuerDefaults,
      issuer: this.url,
      audience: 'castling-club',
      ca: this.ca,
      unsafeAllowPrivateAddresses: true,
      ...change,
    };
  }

  /** A new key signs from now on; `alone`: the ones before are not published any more. */
  rotate(alg: 'RS256' | 'ES256' | 'EdDSA', { alone = false } = {}): string {
    const { privateKey, publicKey } =
      alg === 'RS256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : alg === 'ES256'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('ed25519');
    const kid = randomBytes(8).toString('hex');
    // Many providers leave `alg` out.
    const jwk = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid, use: 'sig' };
    const key = { kid, privateKey, jwk };
    this.#keys = alone ? [key] : [key, ...this.#keys];
    return kid;
  }

  get jwks(): { keys: JWK[] } {
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }

  token({ header = {}, claims = {}, now = Date.now() }: TokenParts = {}): string {
    const [key] = this.#keys;
    if (key === undefined) throw new Error('no key');
    const { kid, privateKey, jwk } = key;
    const alg = jwk.kty === 'RSA' ? 'RS256' : jwk.kty === 'EC' ? 'ES256' : 'EdDSA';
    const seconds = Math.floor(now / 1000);
    const head = { alg, typ: 'JWT', kid, ...header };
    const body = {
      iss: this.url,
      aud: 'castling-club',
      sub: 'user-1',
      sid: 'sign-in-1',
      preferred_username: 'Ada.Lovelace',
      iat: seconds,
      exp: seconds + 3_600,
      ...claims,
    };
    const input = `${encode(head)}.${encode(body)}`;
    const signature = sign(alg === 'EdDSA' ? null : 'sha256', Buffer.from(input), {
      key: privateKey,
      ...(alg === 'ES256' && { dsaEncoding: 'ieee-p1363' }),
    });
    return `${input}.${signature.toString('base64url')}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #bodyOf(path: string): string {
    return path === '/keys'
      ? JSON.stringify(this.jwks)
      : JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` });
  }
}
