import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, FlattenedSign, type JWK } from 'jose';
import { printable } from '../../process/printable.ts';
import { AcmeError } from './acme-error.ts';
import type { AcmeResponse, AcmeTransport } from './acme-transport.ts';

export interface AcmeAccountOptions {
  /** Where the authority's directory is (RFC 8555 section 7.1.1). */
  readonly directory: string;
  /** EC P-256, PKCS #8, PEM. */
  readonly key: string;
  readonly email?: string | undefined;
  /** The operator has agreed to the authority's terms. */
  readonly termsAgreed: boolean;
  readonly transport: AcmeTransport;
}

interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly meta?: { readonly termsOfService?: string };
}

/** Tries of one request whose nonce the authority did not want (RFC 8555 section 6.5). */
const nonceTries = 4;
const longestDetail = 300;
/** Milliseconds; whatever an authority asks for. */
const longestWaitMs = 24 * 3_600_000;

/**
 * Speaks to an authority as one account: every request a JWS with a fresh nonce (RFC 8555 section 6.2), made by the `jose` library.
 */
export class AcmeAccount {
  readonly #options: AcmeAccountOptions;
  readonly #key: KeyObject;
  readonly #jwk: JWK;
  readonly #directory: Directory;
  #nonce: string | undefined;
  /** The account's address, which names its key. */
  #kid: string | undefined;

  /** Finds the account of this key, or makes it. @throws AcmeError */
  static async open(options: AcmeAccountOptions): Promise<AcmeAccount> {
    const { directory, transport, termsAgreed, email } = options;
    const answer = await transport({ method: 'GET', url: directory });
    const account = new AcmeAccount(options, directoryIn(answer));
    if (account.#directory.meta?.termsOfService !== undefined && !termsAgreed) {
      throw new AcmeError('terms_not_agreed', { detail: account.#directory.meta.termsOfService });
    }
    const made = await account.#post(account.#directory.newAccount, {
      ...(termsAgreed && { termsOfServiceAgreed: true }),
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
    });
    refuseProblem(made, 'account_refused');
    account.#kid = addressIn(made);
    return account;
  }

  private constructor(options: AcmeAccountOptions, directory: Directory) {
    this.#options = options;
    this.#directory = directory;
    this.#key = createPrivateKey(options.key);
    this.#jwk = createPublicKey(this.#key).export({ format: 'jwk' });
  }

  get newOrder(): string {
    return this.#directory.newOrder;
  }

  /** What proves that a challenge is answered by the holder of this key (RFC 8555 section 8.1). */
  async keyAuthorization(token: string): Promise<string> {
    return `${token}.${await calculateJwkThumbprint(this.#jwk)}`;
  }

  /** Sends an object, or asks for a resource (POST-as-GET, section 6.3) when `payload` is left out. @throws AcmeError */
  async post(
    url: string,
    { payload, accept }: { readonly payload?: object; readonly accept?: string } = {},
  ): Promise<AcmeResponse> {
    const response = await this.#post(url, payload, accept);
    refuseProblem(response, 'order_refused');
    return response;
  }

  async #post(url: string, payload: object | undefined, accept?: string): Promise<AcmeResponse> {
    const { transport } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const body = JSON.stringify(await this.#sign(url, payload));
      const response = await transport({
        method: 'POST',
        url,
        body,
        ...(accept !== undefined && { accept }),
      });
      this.#nonce = response.headers['replay-nonce'];
      if (tries === nonceTries || problemIn(response)?.type !== `${problemTypes}badNonce`) return response;
    }
  }

  async #sign(url: string, payload: object | undefined) {
    const who = this.#kid === undefined ? { jwk: this.#jwk } : { kid: this.#kid };
    const nonce = this.#nonce ?? (await this.#freshNonce());
    this.#nonce = undefined;
    const text = payload === undefined ? '' : JSON.stringify(payload);
    return await new FlattenedSign(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: 'ES256', nonce, url, ...who })
      .sign(this.#key);
  }

  async #freshNonce(): Promise<string> {
    const { headers } = await this.#options.transport({ method: 'HEAD', url: this.#directory.newNonce });
    const nonce = headers['replay-nonce'];
    if (nonce === undefined) throw new AcmeError('answer_invalid', { detail: 'no nonce' });
    return nonce;
  }
}

/** The address of what was made. @throws AcmeError */
export function addressIn({ headers }: AcmeResponse): string {
  if (headers.location === undefined) throw new AcmeError('answer_invalid', { detail: 'no address' });
  return headers.location;
}

/** The JSON object of an answer. @throws AcmeError */
export function objectIn({ body }: AcmeResponse): Readonly<Record<string, unknown>> {
  const value = parse(body);
  if (value === undefined) throw new AcmeError('answer_invalid', { detail: 'no JSON object' });
  return value;
}

/** What an authority asks to wait, in milliseconds, between `least` and a day; both forms of RFC 9110 section 10.2.3. */
export function retryAfterMs({ headers }: AcmeResponse, least: number): number {
  const text = headers['retry-after'] ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Math.min(longestWaitMs, Math.max(least, Number.isNaN(ms) ? 0 : ms));
}

const problemTypes = 'urn:ietf:params:acme:error:';

function directoryIn(answer: AcmeResponse): Directory {
  if (answer.status !== 200) throw new AcmeError('unreachable', { detail: `status ${answer.status}` });
  const directory = objectIn(answer);
  for (const name of ['newNonce', 'newAccount', 'newOrder']) {
    if (typeof directory[name] !== 'string') {
      throw new AcmeError('answer_invalid', { detail: `its directory has no ${name}` });
    }
  }
  return directory as unknown as Directory;
}

function refuseProblem(response: AcmeResponse, code: 'account_refused' | 'order_refused'): void {
  if (response.status < 400) return;
  const problem = problemIn(response);
  const said = typeof problem?.detail === 'string' ? problem.detail : `status ${response.status}`;
  const detail = printable(said.slice(0, longestDetail));
  if (problem?.type === `${problemTypes}rateLimited` || response.status === 429) {
    throw new AcmeError('rate_limited', { detail, retryAfterMs: retryAfterMs(response, 0) });
  }
  if (response.status >= 500) {
    throw new AcmeError('unreachable', { detail, retryAfterMs: retryAfterMs(response, 0) });
  }
  throw new AcmeError(code, { detail });
}

function problemIn({ status, body }: AcmeResponse): Readonly<Record<string, unknown>> | undefined {
  return status < 400 ? undefined : parse(body);
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
