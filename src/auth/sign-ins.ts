import type { JWK } from 'jose';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { exportAccount } from './account-data.ts';
import type { Accounts, Credentials } from './accounts.ts';
import { AuthError } from './auth-error.ts';
import type { CheckedProof, Proofs, ShownProof, ShownToken } from './dpop/proofs.ts';
import type { GuessGuard } from './guessing/guess-guard.ts';
import type { KnownDevices } from './guessing/known-devices.ts';
import type {
  ExportAnswer,
  MeAnswer,
  PasskeyLoginBody,
  PasskeyOptionsBody,
  Reauthentication,
  RecoverBody,
  SecondFactorBody,
  SessionsAnswer,
  TokenAnswer,
} from './http-schemas.ts';
import type { OutsidePlayers } from './issuers/outside-players.ts';
import type { OutsideTokens } from './issuers/outside-tokens.ts';
import type { Moderation } from './moderation.ts';
import type { PasskeyAssertion } from './passkeys/passkey-assertion.ts';
import type { RequestOptions } from './passkeys/passkey-schemas.ts';
import type { PasswordChanges } from './password-changes.ts';
import { hasNothingToShow } from './passwordless.ts';
import type { Reauthenticator } from './reauthenticator.ts';
import type { AuthSchema } from './schema.ts';
import type { SecondFactor } from './second-factor/second-factor.ts';
import { type SignInTickets, ticketSeconds } from './second-factor/sign-in-tickets.ts';
import type { GrantedSession, LiveSession, LogoutScope, Sessions } from './sessions.ts';
import type { AccessTokens } from './tokens/access-tokens.ts';
import type { SigningKeys } from './tokens/signing-keys.ts';

/** A player who has proved to be one, by a token that is valid now. */
export interface Session {
  readonly player: PlayerId;
  /** Display name, in its canonical form. */
  readonly name: string;
  /** A player without a password; absent for everybody else. */
  readonly guest?: true;
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
  readonly reauthenticator: Reauthenticator;
  readonly secondFactor: SecondFactor;
  readonly tickets: SignInTickets;
  readonly assertion: PasskeyAssertion;
  readonly guard: GuessGuard;
  readonly devices: KnownDevices;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly proofs: Proofs;
  readonly outsideTokens: OutsideTokens;
  readonly outsidePlayers: OutsidePlayers;
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
  /** The name, with the port where it is not the usual one, by which the client reached this server. */
  readonly host: string;
  /** Of a key that a session which begins or goes on is to be bound to; not spent yet. */
  readonly proof?: CheckedProof | undefined;
}

interface GrantOccasion {
  readonly device: string | undefined;
  readonly shown: string | undefined;
  readonly caller: Caller;
  readonly isGuest?: boolean;
}

/** What a player does about being signed in: accounts, sessions and tokens brought together. */
export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  async register(
    { device, device_token: shown, ...credentials }: SignInRequest,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { accounts } = this.#options;
    const account = await accounts.register(credentials);
    const answer = await this.grant(account, { device, shown, caller });
    return { ...answer, recovery_codes: [...account.recoveryCodes] };
  }

  /** @throws AuthError `second_factor_needed` with a ticket for `finishLogin`, and what `Accounts.authenticate` throws */
  async login(
    { device, device_token: shown, ...credentials }: SignInRequest,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { address } = caller;
    const { accounts, guard, devices, secondFactor, tickets } = this.#options;
    const { name } = credentials;
    const known = shown === undefined ? undefined : await devices.find({ name, token: shown });
    const attempt = known === undefined ? { name, address } : { device: known };
    const account = await guard.run(attempt, async () => await accounts.authenticate(credentials));
    if (await secondFactor.isOn(account.player)) {
      const ticket = await tickets.issue(account.player);
      throw new AuthError('second_factor_needed', { ticket: { ticket, expiresIn: ticketSeconds } });
    }
    return await this.grant(account, { device, shown, caller });
  }

  /** @throws AuthError `sign_in_ticket_invalid`, `second_factor_wrong`, `too_many_attempts` */
  async finishLogin(
    { ticket, code, device, device_token: shown }: SecondFactorBody,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { address } = caller;
    const { secondFactor, tickets } = this.#options;
    const account = await tickets.take(ticket);
    await secondFactor.check({ player: account.player, address }, code);
    await tickets.use(ticket);
    return await this.grant(account, { device, shown, caller });
  }

  /** @throws AuthError `passkeys_unavailable` */
  async passkeyOptions({ name }: PasskeyOptionsBody, caller: Caller): Promise<RequestOptions> {
    return await this.#options.assertion.signInOptions(name, caller);
  }

  /** @throws AuthError `passkey_refused`, `passkeys_unavailable`, `too_many_attempts` */
  async loginWithPasskey(
    { passkey, device, device_token: shown }: PasskeyLoginBody,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { assertion, guard } = this.#options;
    const { address, host } = caller;
    // Nobody guesses a signature: only floods are held back, whatever strangers do to the account's password.
    const account = await guard.run(
      { address },
      async () => await assertion.authenticate(passkey, { host, purpose: 'sign_in' }),
    );
    return await this.grant(account, { device, shown, caller });
  }

  /** Gets in with a recovery code and a new password. */
  async recover(
    {
      name,
      recovery_code: code,
      code: secondCode,
      new_password: next,
      device,
      device_token: shown,
    }: RecoverBody,
    caller: Caller,
  ): Promise<TokenAnswer> {
    const { address } = caller;
    const { passwords, guard } = this.#options;
    const account = await guard.run(
      { address },
      async () => await passwords.recover({ name, code, secondCode, next, address }),
    );
    await guard.forgive(account.name);
    const answer = await this.grant(account, { device, shown, caller });
    return {
      ...answer,
      recovery_codes_left: account.codesLeft,
      passkeys_removed: account.passkeysRemoved,
    };
  }

  async refresh(refreshToken: string, { address, proof }: Caller): Promise<TokenAnswer> {
    return await this.#answer(await this.#options.sessions.refresh(refreshToken, { address, proof }));
  }

  async logout(accessToken: ShownToken, scope: LogoutScope): Promise<void> {
    await this.#options.sessions.logout(await this.verify(accessToken), scope);
  }

  async me(accessToken: ShownToken): Promise<MeAnswer> {
    const { player, name, isGuest, session, accountCreatedAt } = await this.#admit(accessToken);
    return { player, name, ...(isGuest && { guest: true }), session, createdAt: accountCreatedAt };
  }

  async sessions(accessToken: ShownToken): Promise<SessionsAnswer> {
    const { player, session: mine } = await this.verify(accessToken);
    const listed = await this.#options.sessions.list(player);
    return { sessions: listed.map((each) => ({ ...each, current: each.session === mine })) };
  }

  async endSession(accessToken: ShownToken, session: SessionId): Promise<void> {
    const { player, session: from } = await this.verify(accessToken);
    await this.#options.sessions.end({ player, session }, from);
  }

  async exportAccount(accessToken: ShownToken): Promise<ExportAnswer> {
    const { player } = await this.verify(accessToken);
    return await exportAccount(this.#options.store, player);
  }

  async deleteAccount(accessToken: ShownToken, proof: Reauthentication, caller: Caller): Promise<void> {
    const { store, reauthenticator, moderation } = this.#options;
    const { player } = await this.verify(accessToken);
    if (!(await hasNothingToShow(store.db, player))) await reauthenticator.require(player, proof, caller);
    await moderation.delete(player);
  }

  async verify(accessToken: ShownToken): Promise<Session> {
    const { player, name, isGuest, session, expiresAt } = await this.#admit(accessToken);
    return { player, name, ...(isGuest && { guest: true }), session, expiresAt };
  }

  /**
   * Token first, then the proof of its key, then the session's row: a signature says who it was made for, a proof who shows it,
   * the row says that it still counts. Only then is the proof used up, so that nobody else can leave anything behind.
   */
  async #admit(shown: ShownToken): Promise<Session & LiveSession> {
    const { tokens, outsideTokens, outsidePlayers, proofs, sessions, store } = this.#options;
    const outside = outsideTokens.isOneOf(shown.token) ? await outsideTokens.verify(shown.token) : undefined;
    const claims = outside ?? (await tokens.verify(shown.token));
    const { expiresAt, boundTo } = claims;
    const proof = await proofs.requireBinding(boundTo, shown);
    const { player, session } = 'player' in claims ? claims : await outsidePlayers.settle(claims);
    const live = await sessions.requireLive({ player, session });
    await proof?.spend(store.db);
    return { player, session, expiresAt, ...live };
  }

  /** For a request that asks for tokens. @throws AuthError `invalid_dpop_proof`, `use_dpop_nonce` */
  async checkProof(shown: ShownProof): Promise<CheckedProof> {
    return await this.#options.proofs.check(shown);
  }

  /** For whoever proves a key of theirs. */
  proofNonce(): string {
    return this.#options.proofs.nonce();
  }

  /** Whether a session verified before still counts. @throws AuthError `session_ended` */
  async requireLive(session: Pick<Session, 'player' | 'session'>): Promise<void> {
    await this.#options.sessions.requireLive(session);
  }

  jwks(): { keys: JWK[] } {
    return this.#options.keys.jwks();
  }

  /**
   * Begins a session for a player who has shown all that it takes, bound to the caller's key if there is one. `shown`: the
   * device's token, if it has one.
   */
  async grant(
    account: Pick<Session, 'player' | 'name'>,
    { device, shown, caller: { address, proof }, isGuest = false }: GrantOccasion,
  ): Promise<TokenAnswer> {
    const { store, sessions, devices } = this.#options;
    await proof?.spend(store.db);
    const place = { device, address, boundTo: proof?.thumbprint, isGuest };
    const answer = await this.#answer(await sessions.start(account, place));
    // A device is known by the password that somebody has shown on it.
    const token = isGuest ? undefined : await devices.remember(account.player, shown);
    return token === undefined ? answer : { ...answer, device_token: token };
  }

  async #answer({
    player,
    name,
    isGuest,
    session,
    refreshToken,
    refreshExpiresAt,
    sessionExpiresAt,
    boundTo,
  }: GrantedSession): Promise<TokenAnswer> {
    const { tokens, clock } = this.#options;
    const now = clock();
    const { token, expiresAt } = await tokens.issue({
      player,
      session,
      notAfter: sessionExpiresAt,
      boundTo,
    });
    return {
      token_type: boundTo === undefined ? 'Bearer' : 'DPoP',
      access_token: token,
      expires_in: Math.max(0, expiresAt - Math.floor(now / 1000)),
      refresh_token: refreshToken,
      refresh_expires_in: Math.max(0, Math.floor((refreshExpiresAt - now) / 1000)),
      player,
      name,
      ...(isGuest && { guest: true as const }),
      session,
    };
  }
}
