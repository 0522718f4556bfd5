import { type PlayerId, parseId, type SessionId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/json.ts';
import { AuthError } from '../auth-error.ts';
import { numericDate } from './numeric-date.ts';

/** Seconds by which the clocks of two of our machines may differ (RFC 7519 section 4.1.4 allows "a few minutes"). */
const clockLeewaySeconds = 60;

export interface AccessClaims {
  readonly player: PlayerId;
  readonly session: SessionId;
  readonly tokenId: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Thumbprint of the key without which the token is good for nothing (RFC 9449 section 6); `undefined`: a bearer token. */
  readonly boundTo: string | undefined;
}

export interface ClaimExpectations {
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  readonly nowSeconds: number;
}

/**
 * Checks the claims of an access token whose signature has been verified. Types first, since a wrong type is a token
 * that we did not make; times last.
 *
 * @throws AuthError `token_claims_refused` (with the rule), `token_expired`
 */
export function checkClaims(
  claims: { readonly [name: string]: Json },
  { issuer, audience, lifetimeSeconds, nowSeconds }: ClaimExpectations,
): AccessClaims {
  if (claims.iss !== issuer) throw refused('token.iss');
  // One audience, as text. A list would let a token serve two services at once (RFC 8725 section 3.9).
  if (claims.aud !== audience) throw refused('token.aud');
  const player = parseId('player', claims.sub) ?? raise(refused('token.sub'));
  const session = parseId('session', claims.sid) ?? raise(refused('token.sid'));
  const tokenId = claims.jti;
  if (typeof tokenId !== 'string' || !tokenIdForm.test(tokenId)) throw refused('token.jti');
  const boundTo =
    claims.cnf === undefined ? undefined : (thumbprintIn(claims.cnf) ?? raise(refused('token.cnf')));
  const times = checkTimes(claims, { lifetimeSeconds, nowSeconds });
  return { player, session, tokenId, ...times, boundTo };
}

/** Types first, as above. @throws AuthError `token_claims_refused`, `token_expired` */
export function checkTimes(
  claims: { readonly [name: string]: Json },
  { lifetimeSeconds, nowSeconds }: Pick<ClaimExpectations, 'lifetimeSeconds' | 'nowSeconds'>,
): Pick<AccessClaims, 'issuedAt' | 'expiresAt'> {
  const issuedAt = numericDate(claims.iat) ?? raise(refused('token.iat'));
  const expiresAt = numericDate(claims.exp) ?? raise(refused('token.exp'));
  const notBefore = claims.nbf === undefined ? 0 : numericDate(claims.nbf);
  if (notBefore === undefined) throw refused('token.nbf');

  const lifetime = expiresAt - issuedAt;
  if (lifetime <= 0 || lifetime > lifetimeSeconds) throw refused('token.lifetime');
  if (issuedAt > nowSeconds + clockLeewaySeconds) throw refused('token.iat');
  if (notBefore > nowSeconds + clockLeewaySeconds) throw refused('token.nbf');
  if (expiresAt <= nowSeconds - clockLeewaySeconds) throw new AuthError('token_expired');
  return { issuedAt, expiresAt };
}

const tokenIdForm = /^[A-Za-z0-9_-]{16,64}$/;
/** SHA-256 in base64url. */
const thumbprintForm = /^[A-Za-z0-9_-]{43}$/;

/** A confirmation that says anything else, or more, cannot be kept (RFC 7800 section 3.1), so the token is none. */
export function thumbprintIn(confirmation: Json): string | undefined {
  if (typeof confirmation !== 'object' || confirmation === null || Array.isArray(confirmation))
    return undefined;
  const { jkt, ...others } = confirmation as { readonly [name: string]: Json };
  const isAlone = Object.keys(others).length === 0;
  return isAlone && typeof jkt === 'string' && thumbprintForm.test(jkt) ? jkt : undefined;
}

function refused(rule: string): AuthError {
  return new AuthError('token_claims_refused', { rule });
}

function raise(error: Error): never {
  throw error;
}
