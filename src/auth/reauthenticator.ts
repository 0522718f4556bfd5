import type { PlayerId } from '../protocol/ids.ts';
import { AuthError } from './auth-error.ts';
import type { GuessGuard } from './guessing/guess-guard.ts';
import type { Reauthentication } from './http-schemas.ts';
import type { PasskeyAssertion } from './passkeys/passkey-assertion.ts';
import type { PasswordChanges } from './password-changes.ts';
import type { AccountRow } from './schema.ts';
import type { SecondFactor } from './second-factor/second-factor.ts';
import type { Caller } from './sign-ins.ts';

export interface ReauthenticatorOptions {
  readonly passwords: PasswordChanges;
  readonly secondFactor: SecondFactor;
  readonly assertion: PasskeyAssertion;
  readonly guard: GuessGuard;
}

/**
 * Asks a signed-in player once more who they are, before what changes the ways in: being signed in is not enough (ASVS 7.5.1).
 * It takes as much as signing in does, so that a stolen session with a stolen password gets no further than either.
 */
export class Reauthenticator {
  readonly #options: ReauthenticatorOptions;

  constructor(options: ReauthenticatorOptions) {
    this.#options = options;
  }

  /**
   * Gives the account as it was when the proof was right.
   *
   * @throws AuthError `body_invalid` without any proof, `password_wrong`, `password_refused`, `second_factor_needed`,
   * `second_factor_wrong`, `passkey_refused`, `too_many_attempts`, `busy`, `session_ended`
   */
  async require(
    player: PlayerId,
    { current_password: current, code, passkey }: Reauthentication,
    { address, host }: Caller,
  ): Promise<AccountRow> {
    const { passwords, secondFactor, assertion, guard } = this.#options;
    if (passkey !== undefined) {
      const purpose = 'reauthenticate';
      return await guard.run(
        { player },
        async () => await assertion.authenticate(passkey, { player, host, purpose }),
      );
    }
    if (current === undefined) {
      throw new AuthError('body_invalid', {
        rule: 'reauthentication.missing',
        detail: 'Show the present password or a passkey, too.',
      });
    }
    const row = await guard.run({ player }, async () => await passwords.requirePassword({ player, current }));
    if (await secondFactor.isOn(player)) {
      if (code === undefined) throw new AuthError('second_factor_needed');
      await secondFactor.check({ player, address }, code);
    }
    return row;
  }
}
