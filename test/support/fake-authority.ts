/**
 * A certificate authority of ACME in memory, as strict about requests as RFC 8555 is: each nonce once, each signature checked, each
 * account by its key. It fetches the proofs through a function, and signs with a CA of its own.
 */
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { calculateJwkThumbprint, flattenedVerify, importJWK, type JWK } from 'jose';
import type { AcmeRequest, AcmeResponse, AcmeTransport } from '../../src/proxy/acme/acme-transport.ts';

const base = 'https://authority.test';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

interface Proof {
  readonly name: string;
  readonly token: string;
  status: 'pending' | 'valid' | 'invalid';
}

interface Order {
  readonly names: readonly string[];
  readonly proofs: readonly number[];
  status: 'pending' | 'ready' | 'processing' | 'valid';
  chain?: string;
}

/** What a test may make it do. */
export interface Faults {
  /** Refuses that many nonces that are good. */
  badNonces?: number;
  /** Answers every new order with this. */
  newOrder?: { readonly status: number; readonly type: string; readonly headers?: Record<string, string> };
  /** Days of life, from now. */
  days?: number;
  /** Signs for this name, whatever was asked for. */
  signsFor?: string;
  offers?: string;
}

export class FakeAuthority {
  readonly faults: Faults = {};
  /** Unix milliseconds. */
  now = Date.now;
  /** Methods and paths, in order. */
  readonly heard: string[] = [];
  readonly accounts = new Map<string, JWK>();
  /** Gives what answers under a challenge's path on a name's port 80. */
  fetchProof: (name: string, token: string) => Promise<string | undefined> = async () => undefined;
  #nonces = new Set<string>();
  #count = 0;
  readonly #proofs: Proof[] = [];
  readonly #orders: Order[] = [];
  readonly #keys = webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

  readonly directory = `${base}/directory`;

  readonly transport: AcmeTransport = async (request) => {
    const path = request.url.slice(base.length);
    this.heard.push(`${request.method} ${path}`);
    if (request.method === 'GET') return this.#answer(200, this.#directory());
    if (request.method === 'HEAD') return this.#answer(200, {});
    return await this.#post(path, request);
  };

  #directory() {
    return {
      newNonce: `${base}/nonce`,
      newAccount: `${base}/account`,
      newOrder: `${base}/order`,
      meta: { termsOfService: `${base}/terms` },
    };
  }

  async #post(path: string, { url, body = '' }: AcmeRequest): Promise<AcmeResponse> {
    const sent = JSON.parse(body);
    const header = JSON.parse(Buffer.from(sent.protected, 'base64url').toString());
    const jwk = header.jwk ?? this.accounts.get(header.kid);
    if (jwk === undefined || header.url !== url) return this.#problem(400, 'malformed');
    const { payload } = await flattenedVerify(sent, await importJWK(jwk, 'ES256'));
    if (!this.#nonces.delete(header.nonce)) return this.#problem(400, 'badNonce');
    if ((this.faults.badNonces ?? 0) > 0) {
      this.faults.badNonces = (this.faults.badNonces ?? 0) - 1;
      return this.#problem(400, 'badNonce');
    }
    const text = Buffer.from(payload).toString();
    return await this.#serve(path, text === '' ? undefined : JSON.parse(text), jwk);
  }

  async #serve(path: string, payload: Record<string, unknown> | undefined, jwk: JWK): Promise<AcmeResponse> {
    const [, kind, id = '', sub] = path.split('/');
    switch (kind) {
      case 'account': {
        const kid = `${base}/account/${await calculateJwkThumbprint(jwk)}`;
        this.accounts.set(kid, jwk);
        return payload?.termsOfServiceAgreed === true
          ? this.#answer(201, {}, { location: kid })
          : this.#problem(403, 'userActionRequired');
      }
      case 'order':
        if (id === '') return this.#newOrder(payload);
        if (sub === 'finalize') await this.#finalize(Number(id), String(payload?.csr));
        return this.#answer(200, this.#orderBody(Number(id)));
      case 'proof':
        if (sub === 'challenge') await this.#check(Number(id), jwk);
        return this.#answer(200, this.#proofBody(Number(id)));
      case 'chain':
        return this.#answer(200, this.#orders[Number(id)]?.chain ?? '');
      default:
        return this.#problem(404, 'malformed');
    }
  }

  #newOrder(payload: Record<string, unknown> | undefined): AcmeResponse {
    const { newOrder } = this.faults;
    if (newOrder !== undefined) return this.#problem(newOrder.status, newOrder.type, newOrder.headers);
    const names = ((payload?.identifiers ?? []) as { value: string }[]).map(({ value }) => value);
    const proofs = names.map((name) => {
      const token = Buffer.from(`token for ${name} ${this.#proofs.length}`).toString('base64url');
      return this.#proofs.push({ name, token, status: 'pending' }) - 1;
    });
    const id = this.#orders.push({ names, proofs, status: 'pending' }) - 1;
    return this.#answer(201, this.#orderBody(id), { location: `${base}/order/${id}` });
  }

  #orderBody(id: number) {
    const order = this.#orders[id] as Order;
    const all = order.proofs.map((each) => this.#proofs[each]?.status);
    if (order.status === 'pending' && all.every((status) => status === 'valid')) order.status = 'ready';
    const body = {
      status: order.status,
      authorizations: order.proofs.map((each) => `${base}/proof/${each}`),
      finalize: `${base}/order/${id}/finalize`,
      ...(order.status === 'valid' && { certificate: `${base}/chain/${id}` }),
    };
    if (order.status === 'processing') order.status = 'valid';
    return body;
  }

  #proofBody(id: number) {
    const { name, token, status } = this.#proofs[id] as Proof;
    const { offers = 'http-01' } = this.faults;
    const challenge = { type: offers, url: `${base}/proof/${id}/challenge`, token };
    const error = status === 'invalid' ? { error: { detail: 'the proof was not there\u001b[2J' } } : {};
    return { status, identifier: { value: name }, challenges: [{ ...challenge, ...error }] };
  }

  async #check(id: number, jwk: JWK): Promise<void> {
    const proof = this.#proofs[id] as Proof;
    const expected = `${proof.token}.${await calculateJwkThumbprint(jwk)}`;
    proof.status = (await this.fetchProof(proof.name, proof.token)) === expected ? 'valid' : 'invalid';
  }

  async #finalize(id: number, csr: string): Promise<void> {
    const order = this.#orders[id] as Order;
    const request = new Pkcs10CertificateRequest(Buffer.from(csr, 'base64url'));
    const extension = request.extensions.find((each) => each instanceof SubjectAlternativeNameExtension);
    const names = extension?.names.items.map(({ value }) => value);
    if (!(await request.verify()) || String(names) !== String(order.names))
      throw new Error('a wrong request');
    const { signsFor, days = 90 } = this.faults;
    order.chain = (
      await this.issue(request.publicKey, signsFor === undefined ? order.names : [signsFor], days)
    ).toString('pem');
    order.status = 'processing';
  }

  async issue(
    publicKey: Pkcs10CertificateRequest['publicKey'],
    names: readonly string[],
    days: number,
  ): Promise<X509Certificate> {
    const { privateKey } = await this.#keys;
    return await X509CertificateGenerator.create({
      subject: '',
      issuer: 'CN=Fake authority',
      notBefore: new Date(this.now()),
      notAfter: new Date(this.now() + days * 86_400_000),
      publicKey,
      signingKey: privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ],
    });
  }

  #answer(status: number, body: object | string, headers: Record<string, string> = {}): AcmeResponse {
    this.#count += 1;
    const nonce = `nonce-${this.#count}`;
    this.#nonces.add(nonce);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status, body: text, headers: { 'replay-nonce': nonce, ...headers } };
  }

  #problem(status: number, type: string, headers: Record<string, string> = {}): AcmeResponse {
    return this.#answer(
      status,
      { type: `urn:ietf:params:acme:error:${type}`, detail: `refused: ${type}` },
      headers,
    );
  }
}
