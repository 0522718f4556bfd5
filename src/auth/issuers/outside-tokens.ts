import type { Json } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { AuthError } from '../auth-error.ts';
import { checkTimes, thumbprintIn } from '../tokens/access-claims.ts';
import {
  type JwsProfile,
  parseJsonPart,
  requireCompactForm,
  verifyCompactJws,
} from '../tokens/compact-jws.ts';
import { IssuerKeys, type IssuerKeysOptions } from './issuer-keys.ts';
import type { OutsideIssuer } from './outside-issuer.ts';

/** What a token of an outside issuer says, checked. */
export interface OutsideClaims {
  readonly issuer: string;
  readonly subject: string;
  /** What the tokens of one sign-in have in common; failing that, what tells this token from all others. */
  readonly signIn: { readonly by: 'sid' | 'token'; readonly id: string };
  readonly wantedName: string | undefined;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly boundTo: string | undefined;
}

export interface OutsideTokensOptions extends Omit<IssuerKeysOptions, 'issuer' | 'fetchJson'> {
  readonly fetchJsonFor: (issuer: OutsideIssuer) => IssuerKeysOptions['fetchJson'];
}

interface Listed {
  readonly issuer: OutsideIssuer;
  readonly profile: JwsProfile;
}

/** From P-256 to RSA with 8192 bits, in characters of base64url. */
const signatureLength = { least: 86, most: 1366 } as const;
/**
 * What the header of an ID token or an access token may say that it is. Other tokens of the same issuer are meant for other
 * eyes: logout tokens, security events, proofs (RFC 8725 section 3.11).
 */
const tokenTypes: ReadonlySet<Json | undefined> = new Set([undefined, 'JWT', 'at+jwt', 'application/at+jwt']);
/** Hints about the certificate of a key are let in and not looked at. */
const headerNames: ReadonlySet<string> = new Set(['kid', 'x5t', 'x5t#S256']);

/**
 * Tokens of the issuers that the operator lists, verified like our own: in the same order and by the same code, with their keys
 * and what they may claim.
 */
export class OutsideTokens {
  readonly #options: OutsideTokensOptions;
  #listed: ReadonlyMap<string, Listed> = new Map();

  constructor(options: OutsideTokensOptions) {
    this.#options = options;
  }

  /** Takes these issuers from now on. One that stays as it is keeps its keys. */
  trust(issuers: readonly OutsideIssuer[]): void {
    this.#listed = new Map(
      issuers.map((issuer) => {
        const before = this.#listed.get(issuer.issuer);
        const isSame = before !== undefined && JSON.stringify(before.issuer) === JSON.stringify(issuer);
        return [issuer.issuer, isSame ? before : this.#list(issuer)];
      }),
    );
  }

  /**
   * Whether a token says that it is of one of them. It chooses only whose keys are asked: a lie leads to a key that did not sign.
   * @throws AuthError `token_too_large`, `token_malformed`
   */
  isOneOf(token: string): boolean {
    return this.#listed.size > 0 && this.#issuerOf(token) !== undefined;
  }

  /** @throws AuthError `token_*`, `issuer_unavailable` */
  async verify(token: string): Promise<OutsideClaims> {
    const listed = this.#issuerOf(token);
    if (listed === undefined) throw new AuthError('token_claims_refused', { rule: 'token.iss' });
    const { payload } = await verifyCompactJws(token, listed.profile);
    const claims = parseJsonPart(payload);
    if (claims === undefined) throw new AuthError('token_claims_refused', { rule: 'token.json' });
    return checkOutsideClaims(claims, listed.issuer, this.#options.clock() / 1000);
  }

  #issuerOf(token: string): Listed | undefined {
    requireCompactForm(token, { longest: limits.tokenBytes, signature: signatureLength });
    const [, payload = ''] = token.split('.');
    const { iss } = parseJsonPart(Buffer.from(payload, 'base64url')) ?? {};
    return typeof iss === 'string' ? this.#listed.get(iss) : undefined;
  }

  #list(issuer: OutsideIssuer): Listed {
    const { fetchJsonFor, ...options } = this.#options;
    const keys = new IssuerKeys({ ...options, issuer, fetchJson: fetchJsonFor(issuer) });
    return {
      issuer,
      profile: {
        longest: limits.tokenBytes,
        signature: signatureLength,
        headerNames,
        types: tokenTypes,
        algorithms: new Set(issuer.algorithms),
        keyFor: async ({ alg, kid }) => {
          if (typeof kid !== 'string' || kid.length > kidMost) throw new AuthError('token_header_refused');
          return await keys.find(kid, alg);
        },
      },
    };
  }
}

const kidMost = 256;
/** Characters of a `sub` (OpenID Connect Core section 2), and of a `sid` or `jti`. */
const idMost = 255;

function checkOutsideClaims(
  claims: { readonly [name: string]: Json },
  { issuer, audience, nameClaim, longestLifeSeconds }: OutsideIssuer,
  nowSeconds: number,
): OutsideClaims {
  const { sub, sid, jti, cnf } = claims;
  if (claims.iss !== issuer) throw refused('token.iss');
  if (!isAlone(claims.aud, audience)) throw refused('token.aud');
  if (!isId(sub)) throw refused('token.sub');
  // A logout token is signed by the same key for the same audience (OpenID Connect Back-Channel Logout section 2.4).
  if (claims.events !== undefined) throw refused('token.events');
  if (sid !== undefined && !isId(sid)) throw refused('token.sid');
  if (jti !== undefined && !isId(jti)) throw refused('token.jti');
  const boundTo = cnf === undefined ? undefined : thumbprintIn(cnf);
  if (cnf !== undefined && boundTo === undefined) throw refused('token.cnf');
  const { issuedAt, expiresAt } = checkTimes(claims, { lifetimeSeconds: longestLifeSeconds, nowSeconds });
  const named = claims[nameClaim];
  return {
    issuer,
    subject: sub,
    signIn:
      sid !== undefined ? { by: 'sid', id: sid } : { by: 'token', id: jti ?? `${issuedAt} ${expiresAt}` },
    wantedName: typeof named === 'string' ? named : undefined,
    issuedAt,
    expiresAt,
    boundTo,
  };
}

/** Alone, as text or in a list: a token for two services would let one of them play as the player (RFC 8725 section 3.9). */
function isAlone(aud: Json | undefined, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.length === 1 && aud[0] === audience);
}

function isId(value: Json | undefined): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= idMost;
}

function refused(rule: string): AuthError {
  return new AuthError('token_claims_refused', { rule });
}
