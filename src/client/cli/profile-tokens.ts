import { printable } from '../../process/printable.ts';
import { type AccessToken, type AccessTokenSource, singleFlight, tokenMarginMs } from '../access-token.ts';
import type { AuthClient } from '../auth-client.ts';
import { ClientError } from '../client-error.ts';
import type { ProofKey } from '../proof-key.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { Profile, SavedSession, SavedTokens } from './profile.ts';
import { readTokenFile } from './token-file.ts';

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
  /** Kept, because it remembers what the server said to it. */
  #key: ProofKey | undefined;
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
    const saved = await this.#load();
    return 'tokenFile' in saved
      ? await this.#inFile(saved.tokenFile)
      : ((await this.#usable(saved)) ?? (await this.#refreshOnce()));
  }

  async #refresh(): Promise<AccessToken> {
    const saved = await this.#load();
    // Another process has signed in by a file meanwhile.
    if ('tokenFile' in saved) return await this.#inFile(saved.tokenFile);
    const usable = await this.#usable(saved);
    if (usable !== undefined) return usable;
    // A sign-in from before keys were kept gets one now.
    const key = (await this.#keyOf(saved)) ?? (await this.#profile.keys.make());
    try {
      const grant = await this.#auth.refresh(saved.refreshToken, { prover: key });
      if (grant.bound) this.#key = key;
      return await this.#accessTokenOf(await this.#profile.save(grant, { now: this.#now(), key }));
    } catch (error) {
      throw asTokenError(error);
    }
  }

  async #inFile(path: string): Promise<AccessToken> {
    return await readTokenFile(path, { now: this.#now(), rejected: this.#rejected });
  }

  async #load(): Promise<SavedSession> {
    const saved = await this.#profile.load(this.#name);
    if (saved === undefined) throw new ClientError('signed_out');
    return saved;
  }

  async #usable(saved: SavedTokens): Promise<AccessToken | undefined> {
    const fresh = saved.accessExpiresAt - tokenMarginMs > this.#now();
    return fresh && saved.accessToken !== this.#rejected ? await this.#accessTokenOf(saved) : undefined;
  }

  async #accessTokenOf(saved: SavedTokens): Promise<AccessToken> {
    const key = await this.#keyOf(saved);
    return {
      token: saved.accessToken,
      expiresAt: saved.accessExpiresAt,
      ...(key !== undefined && { prover: key }),
    };
  }

  /** @throws ClientError `signed_out` when the key is not on this machine */
  async #keyOf({ name, boundTo }: SavedTokens): Promise<ProofKey | undefined> {
    if (boundTo === undefined) return undefined;
    if (this.#key?.thumbprint === boundTo) return this.#key;
    this.#key = await this.#profile.keys.load(boundTo);
    if (this.#key !== undefined) return this.#key;
    const message = `The sign-in of ${printable(name)} is bound to a key that is not on this machine; sign in here with \`castling login NAME\`.`;
    const cause = new CliError('key_missing', message, { exitCode: ClientExit.noPermission });
    throw new ClientError('signed_out', undefined, { cause });
  }
}

/** A refusal about the token is final; one about the server's load (429, 503) passes. */
function asTokenError(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  const { httpStatus = 0 } = error;
  const passes = httpStatus === 408 || httpStatus === 429 || httpStatus >= 500;
  if (passes) return new ClientError('unreachable', error.message, { httpStatus, cause: error });
  return error.code === 'refused' ? new ClientError('signed_out', error.message, { cause: error }) : error;
}
