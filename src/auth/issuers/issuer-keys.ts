import type { JWK } from 'jose';
import type { Logger } from '../../process/logger.ts';
import type { Json } from '../../protocol/json.ts';
import { AuthError } from '../auth-error.ts';
import {
  importVerificationKey,
  type SignatureAlgorithm,
  type VerificationKey,
} from '../tokens/verification-key.ts';
import type { OutsideIssuer } from './outside-issuer.ts';

/** Milliseconds for which keys are taken without asking again. */
const freshMs = 600_000;
/** Milliseconds for which they still count while asking fails. */
const staleMostMs = 3_600_000;
/** Milliseconds between two askings because of a key that is not known; whatever strangers send, there are no more. */
const unknownPauseMs = 30_000;
/** Milliseconds between two askings that fail. */
const failurePauseMs = 5_000;
const keysMost = 64;

export interface IssuerKeysOptions {
  readonly issuer: OutsideIssuer;
  readonly fetchJson: (url: string) => Promise<Json>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly logger: Logger;
}

/**
 * The keys of an outside issuer. Asked for when a token needs them, once however many tokens wait; kept for some minutes, so that
 * a key that the issuer takes away is not taken here for long; and while it cannot be asked, kept for up to an hour.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #flight: Promise<void> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * The key of this name for this algorithm. @throws AuthError `issuer_unavailable` when there is none that may be used, and
   * none can be had
   */
  async find(kid: string, alg: SignatureAlgorithm): Promise<VerificationKey | undefined> {
    const name = nameOf(kid, alg);
    const age = this.#options.clock() - this.#fetchedAt;
    const known = age < staleMostMs ? this.#keys.get(name) : undefined;
    if (known !== undefined) {
      // Nobody waits for a look whether it still holds.
      if (age >= freshMs) void this.#refresh().catch(() => {});
      return known;
    }
    if (
      age < staleMostMs &&
      this.#options.clock() - this.#askedAt < unknownPauseMs &&
      this.#flight === undefined
    ) {
      return undefined;
    }
    await this.#refresh();
    return this.#keys.get(name);
  }

  /** @throws AuthError `issuer_unavailable` */
  async #refresh(): Promise<void> {
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    await this.#flight;
  }

  async #fetch(): Promise<void> {
    const { issuer, fetchJson, clock, logger } = this.#options;
    const wait = this.#failedAt + failurePauseMs - clock();
    if (wait > 0) throw unavailable(wait);
    this.#askedAt = clock();
    try {
      const url = issuer.jwks ?? (await this.#discover());
      this.#keys = await importKeys(await fetchJson(url), issuer.algorithms);
      this.#fetchedAt = clock();
      logger.info({ issuer: issuer.issuer, keys: this.#keys.size }, 'keys of an outside issuer read');
    } catch (error) {
      this.#failedAt = clock();
      logger.warn({ issuer: issuer.issuer, err: error }, 'keys of an outside issuer cannot be had');
      throw unavailable(failurePauseMs, error);
    }
  }

  /** OpenID Connect Discovery 1.0 section 4: the document must be about this very issuer. */
  async #discover(): Promise<string> {
    const { issuer, fetchJson } = this.#options;
    const document = await fetchJson(`${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: says, jwks_uri: jwks } = isObject(document) ? document : {};
    if (says !== issuer.issuer) throw new Error('The discovery document is about another issuer.');
    if (typeof jwks !== 'string') throw new Error('The discovery document names no keys.');
    return jwks;
  }
}

/**
 * The keys of a JWK Set that may verify by one of these algorithms. What else is in it is somebody else's business; but a name
 * that two keys have for one algorithm is nobody's, since which of them counts must not depend on their order.
 */
async function importKeys(
  set: Json,
  algorithms: readonly SignatureAlgorithm[],
): Promise<ReadonlyMap<string, VerificationKey>> {
  const listed = isObject(set) ? set.keys : undefined;
  if (!Array.isArray(listed)) throw new Error('The answer is not a set of keys.');
  if (listed.length > keysMost) throw new Error(`The set has more than ${keysMost} keys.`);
  const keys = new Map<string, VerificationKey>();
  const twice = new Set<string>();
  for (const jwk of listed as readonly JWK[]) {
    // A key without `alg` is for whichever algorithm its kind allows (RFC 7517 section 4.4).
    const candidates = jwk?.alg === undefined ? algorithms : algorithms.filter((alg) => alg === jwk.alg);
    for (const alg of candidates) {
      const key = await importVerificationKey({ ...jwk, alg }, new Set(algorithms)).catch(() => undefined);
      if (key === undefined) continue;
      const name = nameOf(key.kid, alg);
      if (keys.has(name)) twice.add(name);
      keys.set(name, key);
    }
  }
  for (const name of twice) keys.delete(name);
  if (keys.size === 0) throw new Error('The set has no key for any of the algorithms that are taken.');
  return keys;
}

function nameOf(kid: string, alg: SignatureAlgorithm): string {
  return `${alg} ${kid}`;
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unavailable(waitMs: number, cause?: unknown): AuthError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new AuthError('issuer_unavailable', { retryAfterSeconds, ...(cause !== undefined && { cause }) });
}
