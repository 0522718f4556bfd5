import type { HeldToken } from './access-token.ts';
import { type AccountHttp, type Answer, alien } from './account-http.ts';
import { isObject } from './server-message.ts';

/**
 * What an account asks for again before its ways in are changed: the password, with a code where a second factor is on; or what a
 * passkey answers to `proofOptions`.
 */
export type Proof =
  | { readonly current: string; readonly code?: string | undefined }
  | { readonly passkey: unknown };

/** Times in Unix milliseconds. */
export interface ListedPasskey {
  readonly passkey: string;
  readonly name: string;
  /** Whose pages can use it. */
  readonly domain: string;
  /** Whether it is copied to its owner's other devices. */
  readonly synced: boolean;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /** When it was refused, since there seem to be two of it. */
  readonly suspectedAt: number | null;
}

export interface SecondFactorState {
  /** Whether signing in with the password takes a code of an authenticator app, too. */
  readonly totp: boolean;
  /** How many recovery codes are still good. */
  readonly recoveryCodes: number;
}

/** What an authenticator app needs to know. Shown once. */
export interface TotpSecret {
  /** Base32, for typing it. */
  readonly secret: string;
  /** `otpauth:`, for a QR code. */
  readonly uri: string;
}

/** A terminal that waits to be let in. Times in Unix milliseconds. */
export interface WaitingTerminal {
  readonly device: string | null;
  /** What its program says it is: anybody may say anything. */
  readonly userAgent: string | null;
  readonly address: string;
  /** Whether whoever looks is in the same network. */
  readonly isNear: boolean;
  readonly askedAt: number;
}

/** How a signed-in player changes the ways in to the account. Throws what AccountHttp throws. */
export class WaysInClient {
  readonly #http: AccountHttp;

  constructor(http: AccountHttp) {
    this.#http = http;
  }

  /** All other sessions of the player end. */
  async changePassword(access: HeldToken, next: string, proof: Proof): Promise<void> {
    const body = { ...proofBody(proof), new_password: next };
    await this.#http.post('/auth/password', { access, body });
  }

  /** A fresh set in place of all that there were; to be shown once. */
  async renewRecoveryCodes(access: HeldToken, proof: Proof): Promise<readonly string[]> {
    const answer = await this.#http.post('/auth/recovery-codes', { access, body: proofBody(proof) });
    const codes = answer?.recovery_codes;
    if (!Array.isArray(codes) || !codes.every((code) => typeof code === 'string')) throw alien();
    return codes;
  }

  async secondFactor(access: HeldToken): Promise<SecondFactorState> {
    const answer = await this.#http.call('GET', '/auth/second-factor', { access });
    const { totp, recoveryCodes } = answer ?? {};
    if (typeof totp !== 'boolean' || typeof recoveryCodes !== 'number') throw alien();
    return { totp, recoveryCodes };
  }

  /** Begins to set up an authenticator app; it counts from `confirmTotp` on. */
  async enrolTotp(access: HeldToken, proof: Proof): Promise<TotpSecret> {
    return readTotpSecret(await this.#http.post('/auth/totp', { access, body: proofBody(proof) }));
  }

  async confirmTotp(access: HeldToken, code: string): Promise<void> {
    await this.#http.post('/auth/totp/confirm', { access, body: { code } });
  }

  async disableTotp(access: HeldToken, proof: Proof): Promise<void> {
    await this.#http.post('/auth/totp/disable', { access, body: proofBody(proof) });
  }

  async passkeys(access: HeldToken): Promise<readonly ListedPasskey[]> {
    const passkeys = (await this.#http.call('GET', '/auth/passkeys', { access }))?.passkeys;
    if (!Array.isArray(passkeys) || !passkeys.every(isListedPasskey)) throw alien();
    return passkeys;
  }

  /** For `PublicKeyCredential.parseRequestOptionsFromJSON`: a passkey that shows once more who is signed in. */
  async proofOptions(access: HeldToken): Promise<unknown> {
    return await this.#http.post('/auth/reauthentication/passkey/options', { access });
  }

  /** For `PublicKeyCredential.parseCreationOptionsFromJSON`. */
  async creationOptions(access: HeldToken, proof: Proof): Promise<unknown> {
    return await this.#http.post('/auth/passkeys/options', { access, body: proofBody(proof) });
  }

  /** Keeps what was made for `creationOptions`. */
  async addPasskey(
    access: HeldToken,
    added: { readonly name: string; readonly passkey: unknown },
  ): Promise<void> {
    await this.#http.post('/auth/passkeys', { access, body: added });
  }

  async renamePasskey(access: HeldToken, passkey: string, name: string): Promise<void> {
    const path = `/auth/passkeys/${encodeURIComponent(passkey)}`;
    await this.#http.call('PATCH', path, { access, body: { name } });
  }

  async removePasskey(access: HeldToken, passkey: string, proof: Proof): Promise<void> {
    const path = `/auth/passkeys/${encodeURIComponent(passkey)}/remove`;
    await this.#http.post(path, { access, body: proofBody(proof) });
  }

  /** Which terminal shows this code. */
  async lookAtTerminal(access: HeldToken, userCode: string): Promise<WaitingTerminal> {
    const answer = await this.#http.post('/auth/device/look', { access, body: { user_code: userCode } });
    if (!isWaitingTerminal(answer)) throw alien();
    return answer;
  }

  async letTerminalIn(access: HeldToken, userCode: string, proof: Proof): Promise<void> {
    const body = { user_code: userCode, ...proofBody(proof) };
    await this.#http.post('/auth/device/approve', { access, body });
  }

  async refuseTerminal(access: HeldToken, userCode: string): Promise<void> {
    await this.#http.post('/auth/device/deny', { access, body: { user_code: userCode } });
  }
}

function isWaitingTerminal(value: unknown): value is WaitingTerminal {
  return (
    isObject(value) &&
    [value.device, value.userAgent].every((text) => text === null || typeof text === 'string') &&
    typeof value.address === 'string' &&
    typeof value.isNear === 'boolean' &&
    typeof value.askedAt === 'number'
  );
}

function isListedPasskey(value: unknown): value is ListedPasskey {
  return (
    isObject(value) &&
    [value.passkey, value.name, value.domain].every((text) => typeof text === 'string') &&
    typeof value.synced === 'boolean' &&
    typeof value.createdAt === 'number' &&
    [value.lastUsedAt, value.suspectedAt].every((time) => time === null || typeof time === 'number')
  );
}

/** The members of a body that prove who asks. */
export function proofBody(proof: Proof): object {
  if ('passkey' in proof) return { passkey: proof.passkey };
  const { current, code } = proof;
  return { current_password: current, ...(code !== undefined && { code }) };
}

function readTotpSecret(answer: Answer): TotpSecret {
  const { secret, uri } = answer ?? {};
  if (typeof secret !== 'string' || typeof uri !== 'string') throw alien();
  return { secret, uri };
}
