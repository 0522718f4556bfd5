import type { Store } from '../store/index.ts';
import type { ShownToken } from './dpop/proofs.ts';
import type {
  PasskeyAddBody,
  PasskeysAnswer,
  PasswordBody,
  Reauthentication,
  RecoveryCodesAnswer,
  SecondFactorAnswer,
  TotpAnswer,
  TotpConfirmBody,
} from './http-schemas.ts';
import type { PasskeyAssertion } from './passkeys/passkey-assertion.ts';
import type { PasskeyRegistration } from './passkeys/passkey-registration.ts';
import type { CreationOptions, RequestOptions } from './passkeys/passkey-schemas.ts';
import { type ListedPasskey, type Passkeys, passkeysOf } from './passkeys/passkeys.ts';
import type { PasswordChanges } from './password-changes.ts';
import type { Reauthenticator } from './reauthenticator.ts';
import type { RecoveryCodes } from './recovery/recovery-codes.ts';
import type { AuthSchema } from './schema.ts';
import type { SecondFactor } from './second-factor/second-factor.ts';
import { otpauthUri } from './second-factor/totp.ts';
import type { Caller, SignIns } from './sign-ins.ts';

export interface WaysInOptions {
  readonly store: Store<AuthSchema>;
  readonly signIns: Pick<SignIns, 'verify'>;
  readonly reauthenticator: Reauthenticator;
  readonly passwords: PasswordChanges;
  readonly codes: RecoveryCodes;
  readonly secondFactor: SecondFactor;
  readonly registration: PasskeyRegistration;
  readonly assertion: PasskeyAssertion;
  readonly passkeys: Passkeys;
}

/** What a signed-in player does about how to get in: password, passkeys, second factor, recovery codes. */
export class WaysIn {
  readonly #options: WaysInOptions;

  constructor(options: WaysInOptions) {
    this.#options = options;
  }

  async changePassword(
    accessToken: ShownToken,
    { new_password: next, ...proof }: PasswordBody,
    caller: Caller,
  ): Promise<void> {
    const { signIns, passwords, reauthenticator } = this.#options;
    const { player, session } = await signIns.verify(accessToken);
    const account = await reauthenticator.require(player, proof, caller);
    await passwords.change({ account, session, next });
  }

  async renewRecoveryCodes(
    accessToken: ShownToken,
    proof: Reauthentication,
    caller: Caller,
  ): Promise<RecoveryCodesAnswer> {
    const { signIns, passwords, reauthenticator } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await reauthenticator.require(player, proof, caller);
    return { recovery_codes: [...(await passwords.renewCodes(player))] };
  }

  async secondFactor(accessToken: ShownToken): Promise<SecondFactorAnswer> {
    const { store, signIns, codes, secondFactor } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return {
      totp: await secondFactor.isOn(player),
      recoveryCodes: await codes.left(store.db, player),
    };
  }

  /** The secret for an authenticator app, given this once; `confirmTotp` makes it count. */
  async enrolTotp(accessToken: ShownToken, proof: Reauthentication, caller: Caller): Promise<TotpAnswer> {
    const { signIns, reauthenticator, secondFactor } = this.#options;
    const { player, name } = await signIns.verify(accessToken);
    await reauthenticator.require(player, proof, caller);
    const secret = await secondFactor.enrol(player);
    // Apps list entries by issuer: somebody may play on several servers.
    const issuer = `Castling (${caller.host.replace(/:\d+$/, '')})`;
    return { secret, uri: otpauthUri({ secret, issuer, name }) };
  }

  async confirmTotp(accessToken: ShownToken, { code }: TotpConfirmBody, caller: Caller): Promise<void> {
    const { signIns, secondFactor } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await secondFactor.confirm({ player, address: caller.address }, code);
  }

  async disableTotp(accessToken: ShownToken, proof: Reauthentication, caller: Caller): Promise<void> {
    const { signIns, reauthenticator, secondFactor } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await reauthenticator.require(player, proof, caller);
    await secondFactor.disable(player);
  }

  /** For a passkey that shows once more who is signed in. */
  async proofOptions(accessToken: ShownToken, caller: Caller): Promise<RequestOptions> {
    const { signIns, assertion } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return await assertion.proofOptions(player, caller);
  }

  async creationOptions(
    accessToken: ShownToken,
    proof: Reauthentication,
    caller: Caller,
  ): Promise<CreationOptions> {
    const { signIns, reauthenticator, registration } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return await registration.options(await reauthenticator.require(player, proof, caller), caller);
  }

  async addPasskey(
    accessToken: ShownToken,
    { name, passkey: response }: PasskeyAddBody,
    caller: Caller,
  ): Promise<ListedPasskey> {
    const { signIns, registration } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return await registration.add(player, { name, response }, caller);
  }

  async passkeys(accessToken: ShownToken): Promise<PasskeysAnswer> {
    const { store, signIns } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return { passkeys: await passkeysOf(store.db, player) };
  }

  async renamePasskey(accessToken: ShownToken, passkey: string, name: string): Promise<void> {
    const { signIns, passkeys } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await passkeys.rename(player, passkey, name);
  }

  async removePasskey(
    accessToken: ShownToken,
    passkey: string,
    proof: Reauthentication,
    caller: Caller,
  ): Promise<void> {
    const { signIns, reauthenticator, passkeys } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await reauthenticator.require(player, proof, caller);
    await passkeys.remove(player, passkey);
  }
}
