import { SignJWT } from 'jose';
import {
  base64url,
  type PlayerId,
  type Pseudonym,
  type RandomBytes,
  type SessionId,
} from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { AuthError } from '../auth-error.ts';
import { type AccessClaims, checkClaims } from './access-claims.ts';
import { type JwsProfile, parseJsonPart, verifyCompactJws } from './compact-jws.ts';
import type { SigningKeys } from './signing-keys.ts';
import { shortAlgorithms } from './verification-key.ts';

/**
 * Tokens for the routes of a proxy beside the game itself. Each kind has a type and an audience of its own, so that none is taken
 * for another, nor for an access token (RFC 8725 sections 3.11 and 3.12).
 *
 * - `entry`: from the page where a player is signed in to the route, in the body of one form.
 * - `pass`: what a browser shows at the route from then on, in a cookie.
 */
const kinds = {
  entry: { typ: 'castling-entry+jwt', seconds: 60 },
  pass: { typ: 'castling-pass+jwt', seconds: 12 * 3_600 },
} as const;

export type RouteTokenKind = keyof typeof kinds;

export interface RouteTokenHolder {
  /** The route's name. */
  readonly route: string;
  readonly player: PlayerId;
  readonly session: SessionId;
}

/** What an upstream may know of who asks. */
export interface Assertion {
  /** The route's name. */
  readonly route: string;
  /** What the route's upstreams know the player by. */
  readonly subject: Pseudonym;
  /** The display name, where the route tells it. */
  readonly name?: string;
}

export interface IssuedToken {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** The type of an assertion, which nothing of Castling's own accepts. */
const assertionType = 'castling-assertion+jwt';
const assertionSeconds = 60;
const tokenIdBytes = 16;

export interface RouteTokensOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

export class RouteTokens {
  readonly #options: RouteTokensOptions;

  constructor(options: RouteTokensOptions) {
    this.#options = options;
  }

  async issue(kind: RouteTokenKind, { route, player, session }: RouteTokenHolder): Promise<IssuedToken> {
    const { typ, seconds } = kinds[kind];
    const claims = { sid: session };
    return await this.#sign({ typ, seconds, audience: audienceOf(kind, route), subject: player, claims });
  }

  /** Says nothing about whether the session still lives. @throws AuthError `token_*` */
  async verify(
    kind: RouteTokenKind,
    { route, token }: { route: string; token: string },
  ): Promise<AccessClaims> {
    const { issuer, clock } = this.#options;
    const { seconds } = kinds[kind];
    const claims = parseJsonPart((await verifyCompactJws(token, this.#profileOf(kind))).payload);
    if (claims === undefined) throw new AuthError('token_claims_refused', { rule: 'token.json' });
    return checkClaims(claims, {
      issuer,
      audience: audienceOf(kind, route),
      lifetimeSeconds: seconds,
      nowSeconds: clock() / 1000,
    });
  }

  #profileOf(kind: RouteTokenKind): JwsProfile {
    return {
      longest: limits.tokenBytes,
      headerNames: new Set(['kid']),
      types: new Set([kinds[kind].typ]),
      algorithms: shortAlgorithms,
      keyFor: ({ kid }) => {
        if (typeof kid !== 'string') throw new AuthError('token_header_refused');
        return this.#options.keys.find(kid);
      },
    };
  }

  /** Signs what an upstream may know of who asks: for this route alone, and for a minute. */
  async assert({ route, subject, name }: Assertion): Promise<IssuedToken> {
    return await this.#sign({
      typ: assertionType,
      seconds: assertionSeconds,
      audience: audienceOf('route', route),
      subject,
      claims: name === undefined ? {} : { name },
    });
  }

  async #sign({
    typ,
    seconds,
    audience,
    subject,
    claims,
  }: {
    readonly typ: string;
    readonly seconds: number;
    readonly audience: string;
    readonly subject: string;
    readonly claims: { readonly [name: string]: string };
  }): Promise<IssuedToken> {
    const { keys, issuer, clock, randomBytes } = this.#options;
    const key = keys.current();
    const issuedAt = Math.floor(clock() / 1000);
    const expiresAt = issuedAt + seconds;
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: key.alg, typ, kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(base64url(randomBytes(tokenIdBytes)))
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key.privateKey);
    return { token, expiresAt };
  }
}

/** No access token has such an audience, whatever routes are called. */
function audienceOf(kind: RouteTokenKind | 'route', route: string): string {
  return `urn:castling:${kind}:${route}`;
}
