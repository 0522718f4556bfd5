import type { JWK } from 'jose';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { Accounts, Credentials } from './accounts.ts';
import type { MeAnswer, TokenAnswer } from './http-schemas.ts';
import type { GrantedSession, LogoutScope, Sessions } from './sessions.ts';
import type { AccessTokens } from './tokens/access-tokens.ts';
import type { SigningKeys } from './tokens/signing-keys.ts';

/** A player who has proved to be one, by a token that is valid now. */
export interface Session {
  readonly player: PlayerId;
  /** Display name, in its canonical form. */
  readonly name: string;
  readonly session: SessionId;
  /** Unix seconds at which the token expires. */
  readonly expiresAt: number;
}

export interface SignInsOptions {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly keys: SigningKeys;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface SignInRequest extends Credentials {
  readonly device?: string;
}

/** What a player does about being signed in: accounts, sessions and tokens brought together. */
export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  async register({ device, ...credentials }: SignInRequest): Promise<TokenAnswer> {
    const { accounts, sessions } = this.#options;
    return await this.#answer(await sessions.start(await accounts.register(credentials), device));
  }

  async login({ device, ...credentials }: SignInRequest): Promise<TokenAnswer> {
    const { accounts, sessions } = this.#options;
    return await this.#answer(await sessions.start(await accounts.authenticate(credentials), device));
  }

  async refresh(refreshToken: string): Promise<TokenAnswer> {
    return await this.#answer(await this.#options.sessions.refresh(refreshToken));
  }

  async logout(accessToken: string, scope: LogoutScope): Promise<void> {
    await this.#options.sessions.logout(await this.verify(accessToken), scope);
  }

  async me(accessToken: string): Promise<MeAnswer> {
    const { player, session } = await this.#options.tokens.verify(accessToken);
    const { name, accountCreatedAt } = await this.#options.sessions.requireLive({ player, session });
    return { player, name, session, createdAt: accountCreatedAt };
  }

  /** Token first, then the session's row: a signature says who it was made for, the row says that it still counts. */
  async verify(accessToken: string): Promise<Session> {
    const { player, session, expiresAt } = await this.#options.tokens.verify(accessToken);
    const { name } = await this.#options.sessions.requireLive({ player, session });
    return { player, name, session, expiresAt };
  }

  jwks(): { keys: JWK[] } {
    return this.#options.keys.jwks();
  }

  async #answer({
    player,
    name,
    session,
    refreshToken,
    refreshExpiresAt,
  }: GrantedSession): Promise<TokenAnswer> {
    const { tokens, clock } = this.#options;
    const now = clock();
    const { token, expiresAt } = await tokens.issue({ player, session });
    return {
      token_type: 'Bearer',
      access_token: token,
      expires_in: Math.max(0, expiresAt - Math.floor(now / 1000)),
      refresh_token: refreshToken,
      refresh_expires_in: Math.max(0, Math.floor((refreshExpiresAt - now) / 1000)),
      player,
      name,
      session,
    };
  }
}
