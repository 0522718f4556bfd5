import { type AccessToken, type AccessTokenSource, singleFlight, tokenMarginMs } from '../access-token.ts';
import type { AuthClient } from '../auth-client.ts';
import { ClientError } from '../client-error.ts';
import type { Profile, SavedSession } from './profile.ts';

/**
 * Access tokens of one saved sign-in. Refresh tokens work once, so a refresh happens under a lock shared by all
 * processes of the profile, and whoever gets the lock looks first whether another one has refreshed meanwhile.
 */
export class ProfileTokens implements AccessTokenSource {
  readonly #profile: Profile;
  readonly #auth: AuthClient;
  readonly #name: string;
  readonly #now: () => number;
  #rejected: string | undefined;
  readonly #refreshOnce: () => Promise<AccessToken>;

  constructor(options: {
    readonly profile: Profile;
    readonly auth: AuthClient;
    readonly name: string;
    /** Unix milliseconds. */
    readonly now?: () => number;
  }) {
    this.#profile = options.profile;
    this.#auth = options.auth;
    this.#name = options.name;
    this.#now = options.now ?? Date.now;
    this.#refreshOnce = singleFlight(() => this.#profile.locked(this.#name, () => this.#refresh()));
  }

  async accessToken({ rejected }: { readonly rejected?: string } = {}): Promise<AccessToken> {
    if (rejected !== undefined) this.#rejected = rejected;
    return this.#usable(await this.#load()) ?? (await this.#refreshOnce());
  }

  async #refresh(): Promise<AccessToken> {
    const saved = await this.#load();
    const usable = this.#usable(saved);
    if (usable !== undefined) return usable;
    try {
      const grant = await this.#auth.refresh(saved.refreshToken);
      return accessTokenOf(await this.#profile.save(grant, this.#now()));
    } catch (error) {
      throw asTokenError(error);
    }
  }

  async #load(): Promise<SavedSession> {
    const saved = await this.#profile.load(this.#name);
    if (saved === undefined) throw new ClientError('signed_out');
    return saved;
  }

  #usable(saved: SavedSession): AccessToken | undefined {
    const fresh = saved.accessExpiresAt - tokenMarginMs > this.#now();
    return fresh && saved.accessToken !== this.#rejected ? accessTokenOf(saved) : undefined;
  }
}

function accessTokenOf({ accessToken, accessExpiresAt }: SavedSession): AccessToken {
  return { token: accessToken, expiresAt: accessExpiresAt };
}

/** A refusal about the token is final; one about the server's load (429, 503) passes. */
function asTokenError(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  const { httpStatus = 0 } = error;
  const passes = httpStatus === 408 || httpStatus === 429 || httpStatus >= 500;
  if (passes) return new ClientError('unreachable', error.message, { httpStatus, cause: error });
  return error.code === 'refused' ? new ClientError('signed_out', error.message, { cause: error }) : error;
}
