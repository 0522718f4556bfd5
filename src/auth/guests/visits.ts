import type { ShownToken } from '../dpop/proofs.ts';
import type { KnownDevices } from '../guessing/known-devices.ts';
import type { GuestBody, TokenAnswer, UpgradeAnswer, UpgradeBody } from '../http-schemas.ts';
import type { Caller, SignIns } from '../sign-ins.ts';
import type { Guests } from './guests.ts';

export interface VisitsOptions {
  readonly signIns: Pick<SignIns, 'verify' | 'grant'>;
  readonly guests: Guests;
  readonly devices: KnownDevices;
}

/** What a guest does about being signed in: comes, and stays. */
export class Visits {
  readonly #options: VisitsOptions;

  constructor(options: VisitsOptions) {
    this.#options = options;
  }

  async begin({ name, device }: GuestBody, caller: Caller): Promise<TokenAnswer> {
    const { guests, signIns } = this.#options;
    const guest = await guests.admit({ name, address: caller.address });
    return await signIns.grant(guest, { device, shown: undefined, caller, isGuest: true });
  }

  async upgrade(
    accessToken: ShownToken,
    { device_token: shown, ...credentials }: UpgradeBody,
  ): Promise<UpgradeAnswer> {
    const { guests, signIns, devices } = this.#options;
    const { player, session } = await signIns.verify(accessToken);
    const { name, recoveryCodes } = await guests.upgrade(player, credentials);
    const token = await devices.remember(player, shown);
    return {
      player,
      name,
      session,
      recovery_codes: [...recoveryCodes],
      ...(token !== undefined && { device_token: token }),
    };
  }
}
