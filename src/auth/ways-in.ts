import type { Store } from '../store/index.ts';
import type { ShownToken } from './dpop/proofs.ts';
import type {
  PasswordBody,
  Reauthentication,
  RecoveryCodesAnswer,
  SecondFactorAnswer,
  TotpAnswer,
  TotpConfirmBody,
} from './http-schemas.ts';
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
}

/** What a signed-in player does about how to get in: password, second factor, recovery codes. */
export class WaysIn {
  readonly #options: WaysInOptions;

  constructor(options: WaysInOptions) {
    this.#options = options;
  }

  async changePassword(
    accessToken: ShownToken,
    { new_password: next, ...proof }: PasswordBody,
    { address }: Caller,
  ): Promise<void> {
    const { signIns, passwords, reauthenticator } = this.#options;
    const { player, session } = await signIns.verify(accessToken);
    const account = await reauthenticator.require({ player, address }, proof);
    await passwords.change({ account, session, next });
  }

  async renewRecoveryCodes(
    accessToken: ShownToken,
    proof: Reauthentication,
    { address }: Caller,
  ): Promise<RecoveryCodesAnswer> {
    const { signIns, passwords, reauthenticator } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await reauthenticator.require({ player, address }, proof);
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
  async enrolTotp(
    accessToken: ShownToken,
    proof: Reauthentication,
    { address, host }: Caller,
  ): Promise<TotpAnswer> {
    const { signIns, reauthenticator, secondFactor } = this.#options;
    const { player, name } = await signIns.verify(accessToken);
    await reauthenticator.require({ player, address }, proof);
    const secret = await secondFactor.enrol(player);
    // Apps list entries by issuer: somebody may play on several servers.
    return { secret, uri: otpauthUri({ secret, issuer: `Castling (${host})`, name }) };
  }

  async confirmTotp(accessToken: ShownToken, { code }: TotpConfirmBody, { address }: Caller): Promise<void> {
    const { signIns, secondFactor } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await secondFactor.confirm({ player, address }, code);
  }

  async disableTotp(accessToken: ShownToken, proof: Reauthentication, { address }: Caller): Promise<void> {
    const { signIns, reauthenticator, secondFactor } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await reauthenticator.require({ player, address }, proof);
    await secondFactor.disable(player);
  }
}
