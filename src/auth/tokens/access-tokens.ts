import { SignJWT } from 'jose';
import { base64url, type PlayerId, type RandomBytes, type SessionId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { AuthError } from '../auth-error.ts';
import { type AccessClaims, checkClaims } from './access-claims.ts';
import { type JwsProfile, parseJsonPart, verifyCompactJws } from './compact-jws.ts';
import type { SigningKeys } from './signing-keys.ts';
import { shortAlgorithms } from './verification-key.ts';

/** The media type of an RFC 9068 access token, as the header has it. The long and the upper-case spellings are refused. */
const accessTokenType = 'at+jwt';
/** RFC 9068 wants the client named; all clients of Castling are one. */
const clientId = 'castling';
const tokenIdBytes = 16;

export interface AccessTokenOptions {
  readonly keys: SigningKeys;
  readonly issuer: string;
  readonly audience: string;
  /** Seconds from issue to expiry; a token that claims a longer life is refused even when we signed it. */
  readonly lifetimeSeconds: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/** Makes and checks access tokens: JWT, RFC 9068. Says nothing about whether the session still lives. */
export class AccessTokens {
  readonly #options: AccessTokenOptions;
  readonly #profile: JwsProfile;

  constructor(options: AccessTokenOptions) {
    this.#options = options;
    this.#profile = {
      longest: limits.tokenBytes,
      headerNames: new Set(['kid']),
      types: new Set([accessTokenType]),
      algorithms: shortAlgorithms,
      keyFor: ({ kid }) => {
        if (typeof kid !== 'string') throw new AuthError('token_header_refused');
        return options.keys.find(kid);
      },
    };
  }

  /**
   * `notAfter`, Unix milliseconds: when the session ends, since no token outlives it. `boundTo`: the thumbprint of the key that
   * has to be proved with the token. `expiresAt` in Unix seconds.
   */
  async issue({
    player,
    session,
    notAfter = Number.POSITIVE_INFINITY,
    boundTo,
  }: {
    readonly player: PlayerId;
    readonly session: SessionId;
    readonly notAfter?: number;
    readonly boundTo?: string | undefined;
  }): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const { keys, issuer, audience, lifetimeSeconds, clock, randomBytes } = this.#options;
    const key = keys.current();
    const issuedAt = Math.floor(clock() / 1000);
    const expiresAt = Math.min(issuedAt + lifetimeSeconds, Math.ceil(notAfter / 1000));
    const token = await new SignJWT({
      sid: session,
      client_id: clientId,
      ...(boundTo !== undefined && { cnf: { jkt: boundTo } }),
    })
      .setProtectedHeader({ alg: key.alg, typ: accessTokenType, kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(player)
      .setJti(base64url(randomBytes(tokenIdBytes)))
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key.privateKey);
    return { token, expiresAt };
  }

  /**
   * The order is fixed: size, form, header, key, signature, claims (RFC 8725).
   *
   * @throws AuthError `token_*`
   */
  async verify(token: string): Promise<AccessClaims> {
    const { issuer, audience, lifetimeSeconds, clock } = this.#options;
    const { payload } = await verifyCompactJws(token, this.#profile);
    const claims = parseJsonPart(payload);
    if (claims === undefined) throw new AuthError('token_claims_refused', { rule: 'token.json' });
    return checkClaims(claims, { issuer, audience, lifetimeSeconds, nowSeconds: clock() / 1000 });
  }
}
