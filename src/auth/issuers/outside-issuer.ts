import type { SignatureAlgorithm } from '../tokens/verification-key.ts';

/** Somebody else who says who players are: an OpenID Connect provider that the operator lists. */
export interface OutsideIssuer {
  /** The `iss` of its tokens, letter for letter: an https URL. */
  readonly issuer: string;
  /** The `aud` of the tokens that are meant for this installation. */
  readonly audience: string;
  /** Where its keys are; without it, where its discovery document says (`…/.well-known/openid-configuration`). */
  readonly jwks?: string | undefined;
  /** The claim that a player's name is made from, when the player comes for the first time. */
  readonly nameClaim: string;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Seconds; a token that claims a longer life is refused. */
  readonly longestLifeSeconds: number;
  /** PEM of the CA that signed its certificate, where the public ones have not. */
  readonly ca?: string | undefined;
  /** Also take keys from loopback, private and link-local addresses: for a provider in the same building. */
  readonly unsafeAllowPrivateAddresses: boolean;
}

export const outsideIssuerDefaults = {
  nameClaim: 'preferred_username',
  algorithms: ['RS256', 'ES256', 'EdDSA'],
  longestLifeSeconds: 86_400,
  unsafeAllowPrivateAddresses: false,
} as const satisfies Partial<OutsideIssuer>;
