import type { JWK } from 'jose';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { exportAccount } from './account-data.ts';
import type { Accounts, Credentials } from './accounts.ts';
import type { GuessGuard } from './guessing/guess-guard.ts';
import type { KnownDevices } from './guessing/known-devices.ts';
import type {
  ExportAnswer,
  MeAnswer,
  PasswordBody,
  ReauthenticationBody,
  RecoverBody,
  RecoveryCodesAnswer,
  SessionsAnswer,
  TokenAnswer,
} from './http-schemas.ts';
import type { Moderation } from './moderation.ts';
import type { PasswordChanges } from './password-changes.ts';
import type { AuthSchema } from './schema.ts';
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
  readonly store: Store<AuthSchema>;
  /** As the player. */
  readonly moderation: Moderation;
  readonly accounts: Accounts;
  readonly passwords: PasswordChanges;
  readonly guard: GuessGuard;
  readonly devices: KnownDevices;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly keys: SigningKeys;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface SignInRequest extends Credentials {
  readonly device?: string;
  readonly device_token?: string;
}

/** Where a request comes from. */
export interface Caller {
  /** IPv4 or IPv6. */
  readonly address: string;
}

/** What a player does about being signed in: accounts, sessions and tokens brought together. */
export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  async register({ device, device_token: shown, ...credentials }: SignInRequest): Promise<TokenAnswer> {
    const { accounts } = this.#options;
    const account = await accounts.register(credentials);
    const answer = await this.#signIn(account, { device, shown });
    return { ...answer, recovery_codes: [...account.recoveryCodes] };
  }

  async login(
    { device, device_token: shown, ...credentials }: SignInRequest,
    { address }: Caller,
  ): Promise<TokenAnswer> {
    const { accounts, guard, devices } = this.#options;
    const { name } = credentials;
    const known = shown === undefined ? undefined : await devices.find({ name, token: shown });
    const attempt = known === undefined ? { name, address } : { device: known };
    const account = await guard.run(attempt, async () => await accounts.authenticate(credentials));
    return await this.#signIn(account, { device, shown });
  }

  /** Gets in with a recovery code and a new password. */
  async recover(
    { name, recovery_code: code, new_password: next, device, device_token: shown }: RecoverBody,
    { address }: Caller,
  ): Promise<TokenAnswer> {
    const { passwords, guard } = this.#options;
    const account = await guard.run({ address }, async () => await passwords.recover({ name, code, next }));
    await guard.forgive(account.name);
    const answer = await this.#signIn(account, { device, shown });
    return { ...answer, recovery_codes_left: account.codesLeft };
  }

  async changePassword(
    accessToken: string,
    { current_password: current, new_password: next }: PasswordBody,
  ): Promise<void> {
    const { passwords, guard } = this.#options;
    const { player, session } = await this.verify(accessToken);
    await guard.run({ player }, async () => await passwords.change({ player, session, current, next }));
  }

  async renewRecoveryCodes(
    accessToken: string,
    { current_password: current }: ReauthenticationBody,
  ): Promise<RecoveryCodesAnswer> {
    const { passwords, guard } = this.#options;
    const { player } = await this.verify(accessToken);
    const codes = await guard.run({ player }, async () => await passwords.renewCodes({ player, current }));
    return { recovery_codes: [...codes] };
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

  async sessions(accessToken: string): Promise<SessionsAnswer> {
    const { player, session: mine } = await this.verify(accessToken);
    const listed = await this.#options.sessions.list(player);
    return { sessions: listed.map((each) => ({ ...each, current: each.session === mine })) };
  }

  async endSession(accessToken: string, session: SessionId): Promise<void> {
    const { player, session: from } = await this.verify(accessToken);
    await this.#options.sessions.end({ player, session }, from);
  }

  async exportAccount(accessToken: string): Promise<ExportAnswer> {
    const { player } = await this.verify(accessToken);
    return await exportAccount(this.#options.store, player);
  }

  async deleteAccount(
    accessToken: string,
    { current_password: current }: ReauthenticationBody,
  ): Promise<void> {
    const { passwords, guard, moderation } = this.#options;
    const { player } = await this.verify(accessToken);
    await guard.run({ player }, async () => await passwords.requirePassword({ player, current }));
    await moderation.delete(player);
  }

  /** Token first, then the session's row: a signature says who it was made for, the row says that it still counts. */
  async verify(accessToken: string): Promise<Session> {
    const { player, session, expiresAt } = await this.#options.tokens.verify(accessToken);
    const { name } = await this.#options.sessions.requireLive({ player, session });
    return { player, name, session, expiresAt };
  }

  /** Whether a session verified before still counts. @throws AuthError `session_ended` */
  async requireLive(session: Pick<Session, 'player' | 'session'>): Promise<void> {
    await this.#options.sessions.requireLive(session);
  }

  jwks(): { keys: JWK[] } {
    return this.#options.keys.jwks();
  }

  async #signIn(
    account: Pick<Session, 'player' | 'name'>,
    { device, shown }: { readonly device: string | undefined; readonly shown: string | undefined },
  ): Promise<TokenAnswer> {
    const { sessions, devices } = this.#options;
    const answer = await this.#answer(await sessions.start(account, device));
    const token = await devices.remember(account.player, shown);
    return token === undefined ? answer : { ...answer, device_token: token };
  }

  async #answer({
    player,
    name,
    session,
    refreshToken,
    refreshExpiresAt,
    sessionExpiresAt,
  }: GrantedSession): Promise<TokenAnswer> {
    const { tokens, clock } = this.#options;
    const now = clock();
    const { token, expiresAt } = await tokens.issue({ player, session, notAfter: sessionExpiresAt });
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
