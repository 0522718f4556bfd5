import { AuthError } from '../auth-error.ts';
import type { ShownToken } from '../dpop/proofs.ts';
import type { GuessGuard } from '../guessing/guess-guard.ts';
import type {
  DeviceApproveBody,
  DeviceBody,
  DeviceStartedAnswer,
  DeviceTokenBody,
  TokenAnswer,
  WaitingTerminalAnswer,
} from '../http-schemas.ts';
import type { Reauthenticator } from '../reauthenticator.ts';
import type { Caller, SignIns } from '../sign-ins.ts';
import type { DeviceGrants } from './device-grants.ts';

export interface DeviceSignInsOptions {
  readonly grants: DeviceGrants;
  readonly signIns: Pick<SignIns, 'verify' | 'grant'>;
  readonly reauthenticator: Reauthenticator;
  readonly guard: GuessGuard;
}

/** Signing in a terminal by a browser: both ends of it. */
export class DeviceSignIns {
  readonly #options: DeviceSignInsOptions;

  constructor(options: DeviceSignInsOptions) {
    this.#options = options;
  }

  /** For the terminal: the codes, and where to go with the one. @throws AuthError `busy`, `body_invalid` */
  async begin(
    { device }: DeviceBody,
    {
      caller: { address, host },
      userAgent,
    }: { readonly caller: Caller; readonly userAgent: string | undefined },
  ): Promise<DeviceStartedAnswer> {
    const page = pageAt(host);
    const { deviceCode, userCode, expiresIn, interval } = await this.#options.grants.begin({
      device,
      userAgent,
      address,
    });
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}/${userCode}`,
      expires_in: expiresIn,
      interval,
    };
  }

  /** For the terminal, again and again. The session that it gets is its own. */
  async token(
    { device_code: code, device_token: shown }: DeviceTokenBody,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { grants, signIns } = this.#options;
    const { device, ...account } = await grants.poll(code);
    return await signIns.grant(account, { device: device ?? undefined, shown, caller });
  }

  /** For the person at the browser: who asks. Wrong codes are counted. @throws AuthError `user_code_unknown`, `too_many_attempts` */
  async look(accessToken: ShownToken, userCode: string, { address }: Caller): Promise<WaitingTerminalAnswer> {
    const { grants, signIns, guard } = this.#options;
    const { player } = await signIns.verify(accessToken);
    return await guard.run({ typedBy: player, address }, async () => await grants.look(userCode, address));
  }

  /**
   * Lets the terminal in. That makes a new session which may last for months, so it takes what signing in takes: a stolen access
   * token alone makes no more of itself.
   */
  async approve(
    accessToken: ShownToken,
    { user_code: userCode, ...proof }: DeviceApproveBody,
    caller: Caller,
  ): Promise<void> {
    const { grants, signIns, reauthenticator } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await this.look(accessToken, userCode, caller);
    await reauthenticator.require(player, proof, caller);
    await grants.decide(player, userCode, 'approved');
  }

  async deny(accessToken: ShownToken, userCode: string, caller: Caller): Promise<void> {
    const { grants, signIns } = this.#options;
    const { player } = await signIns.verify(accessToken);
    await this.look(accessToken, userCode, caller);
    await grants.decide(player, userCode, 'denied');
  }
}

/** The place for codes in the page of the server that the terminal reached. The code stands in the fragment, which nobody logs. */
function pageAt(host: string): string {
  const url = URL.parse(`https://${host}/#/device`);
  // The Host field is whatever a client writes; a person will read what is made of it.
  if (url === null || url.host !== host) throw new AuthError('body_invalid', { rule: 'device.host' });
  return url.href;
}
