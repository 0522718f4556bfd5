import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { AuthError } from '../auth-error.ts';
import type { AuthenticationResponse, RegistrationResponse } from './passkey-schemas.ts';
import type { RelyingParty } from './relying-party.ts';

/** COSE numbers of what keys may be of (RFC 9053, RFC 8812): EdDSA, ES256, and RS256 for those that know nothing else. */
export const keyAlgorithms = [-8, -7, -257] as const;

/** What a new passkey says of itself, with its signature verified. */
export interface RegisteredPasskey {
  /** The credential id, base64url. */
  readonly credential: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  /** Whether it is copied to other devices of its owner by whoever made the authenticator. */
  readonly isSynced: boolean;
}

interface Expected {
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

/**
 * The challenge that a response answers, as the browser wrote it down. Nothing is verified by reading it: it says which of the
 * store's challenges the response is about. Gives `undefined` for anything else.
 */
export function challengeOf(clientDataJson: string): string | undefined {
  try {
    const clientData = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8')) as {
      readonly challenge?: unknown;
    } | null;
    return typeof clientData?.challenge === 'string' ? clientData.challenge : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Verifies a registration (WebAuthn section 7.1), with user presence and verification. Who made the authenticator is not asked:
 * a statement about that which names certificates is refused unread, so that nobody can have them parsed or their revocation
 * lists fetched.
 *
 * @throws AuthError `passkey_refused`, with the reason as its cause
 */
export async function verifyRegistration(
  response: RegistrationResponse,
  { challenge, relyingParty }: Expected,
): Promise<RegisteredPasskey> {
  return await refusing(async () => {
    const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
    await requirePlainAttestation(response);
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...keyAlgorithms],
    });
    if (!verified) throw new Error('the attestation does not verify');
    const { credential, credentialDeviceType } = registrationInfo;
    return {
      credential: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      isSynced: credentialDeviceType === 'multiDevice',
    };
  });
}

/**
 * Verifies an assertion (WebAuthn section 7.2), with user presence and verification, by a key that was registered. Gives the
 * signature counter; what to make of it is the caller's affair.
 *
 * @throws AuthError `passkey_refused`, with the reason as its cause
 */
export async function verifyAssertion(
  response: AuthenticationResponse,
  {
    challenge,
    relyingParty,
    credential,
    publicKey,
  }: Expected & { readonly credential: string; readonly publicKey: string },
): Promise<number> {
  return await refusing(async () => {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
      credential: {
        id: credential,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        // Compared with the stored one in the transaction that writes it, not here.
        counter: 0,
      },
    });
    if (!verified) throw new Error('the signature is wrong');
    return authenticationInfo.newCounter;
  });
}

/** No statement, or one that the passkey's own key signs (which browsers let through where none was asked for). */
async function requirePlainAttestation({ response }: RegistrationResponse): Promise<void> {
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers');
  const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.attestationObject));
  const format = attestation.get('fmt');
  const isPlain =
    format === 'none' || (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined);
  if (!isPlain) throw new Error('the attestation names certificates');
}

/** Whatever is wrong with a response is one and the same no; the log has the reason. */
async function refusing<Result>(verify: () => Promise<Result>): Promise<Result> {
  try {
    return await verify();
  } catch (cause) {
    throw new AuthError('passkey_refused', { cause });
  }
}
