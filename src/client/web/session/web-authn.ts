/** Why the browser gave no passkey. What the server says about one is a ClientError. */
export type PasskeyFault = 'cancelled' | 'known' | 'unavailable';

export class PasskeyError extends Error {
  override readonly name = 'PasskeyError';
  readonly fault: PasskeyFault;

  constructor(fault: PasskeyFault, cause: unknown) {
    super(`No passkey: ${fault}`, { cause });
    this.fault = fault;
  }
}

/**
 * Whether passkeys can work on this page: the browser reads and writes their JSON forms by itself (WebAuthn level 3), and the
 * address is a name, since a passkey is for a domain.
 */
export function passkeysWork(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    'parseRequestOptionsFromJSON' in PublicKeyCredential &&
    /[a-z]/i.test(location.hostname) &&
    !location.hostname.includes(':')
  );
}

/** Has the browser show a passkey, for options that the server gave. @throws PasskeyError */
export async function showPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return await jsonOf(() => navigator.credentials.get({ publicKey }));
}

/** Has the browser make one. @throws PasskeyError */
export async function makePasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  return await jsonOf(() => navigator.credentials.create({ publicKey }));
}

async function jsonOf(ask: () => Promise<Credential | null>): Promise<unknown> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (cause) {
    throw new PasskeyError(faultOf(cause), cause);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyError('cancelled', undefined);
  return credential.toJSON();
}

function faultOf(cause: unknown): PasskeyFault {
  const name = cause instanceof DOMException ? cause.name : '';
  if (name === 'InvalidStateError') return 'known';
  // Browsers say the same for a person who says no and for time that has passed, so that pages learn nothing.
  return name === 'NotAllowedError' || name === 'AbortError' ? 'cancelled' : 'unavailable';
}
