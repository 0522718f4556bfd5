import type { PlayerId } from '../../protocol/ids.ts';
import { AuthError } from '../auth-error.ts';
import type { PasskeyPurpose } from '../schema.ts';
import type { Challenged, Challenges } from './challenges.ts';
import type { RelyingParty, RelyingPartyOf } from './relying-party.ts';
import { challengeOf } from './webauthn.ts';

/** Who asks from where. `host` is the Host field, which says whom passkeys are for. */
export interface PasskeyCaller {
  readonly host: string;
  /** IPv4 or IPv6. */
  readonly address: string;
}

export interface Ceremony {
  readonly challenge: string;
  readonly relyingParty: RelyingParty;
}

export interface CeremoniesOptions {
  readonly challenges: Challenges;
  readonly relyingPartyOf: RelyingPartyOf;
}

/** The two halves of whatever a passkey does: a challenge goes out, and comes back once, for the same purpose, from the same pages. */
export class Ceremonies {
  readonly #options: CeremoniesOptions;

  constructor(options: CeremoniesOptions) {
    this.#options = options;
  }

  /** @throws AuthError `passkeys_unavailable` */
  relyingParty(host: string): RelyingParty {
    const relyingParty = this.#options.relyingPartyOf(host);
    if (relyingParty === undefined) throw new AuthError('passkeys_unavailable');
    return relyingParty;
  }

  /** @throws AuthError `passkeys_unavailable` */
  async begin(challenged: Omit<Challenged, 'rpId'>, { host, address }: PasskeyCaller): Promise<Ceremony> {
    const relyingParty = this.relyingParty(host);
    const challenge = await this.#options.challenges.issue({ ...challenged, rpId: relyingParty.id }, address);
    return { challenge, relyingParty };
  }

  /**
   * Uses up the challenge that a response answers. `allows` says whose passkey it may be.
   *
   * @throws AuthError `passkey_refused`, `passkeys_unavailable`
   */
  async finish(
    clientDataJson: string,
    { host, purpose }: { readonly host: string; readonly purpose: PasskeyPurpose },
  ): Promise<Ceremony & { readonly allows: (player: PlayerId) => boolean }> {
    const relyingParty = this.relyingParty(host);
    const challenge = challengeOf(clientDataJson);
    const found = challenge === undefined ? undefined : await this.#options.challenges.take(challenge);
    if (challenge === undefined || found === undefined)
      throw refused('the challenge is not good, or no longer');
    if (found.purpose !== purpose || found.rpId !== relyingParty.id) {
      throw refused('the challenge was made for something else');
    }
    const allows = (player: PlayerId) => !found.isNamed || found.player === player;
    return { challenge, relyingParty, allows };
  }
}

/** The one no to whoever shows a passkey; why is for the log. */
export function refused(why: string): AuthError {
  return new AuthError('passkey_refused', { cause: new Error(why) });
}
