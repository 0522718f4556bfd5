import type { HeldToken } from './access-token.ts';
import { type AccountHttp, alien, type Binding } from './account-http.ts';
import { type AskCode, withSecondFactor } from './second-factor.ts';
import { isObject } from './server-message.ts';
import { type Proof, proofBody } from './ways-in-client.ts';

/** What registering, signing in and refreshing give. */
export interface Grant {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  /** A player without an account. */
  readonly isGuest: boolean;
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** The tokens are of no use without the key that was proved (RFC 9449). */
  readonly bound: boolean;
  /** Good for one refresh. */
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  /** After registering: to be written down, not shown again. */
  readonly recoveryCodes?: readonly string[];
  /** After recovering: how many recovery codes are still good. */
  readonly recoveryCodesLeft?: number;
  /** After recovering: how many passkeys were taken away. */
  readonly passkeysRemoved?: number;
  /** On a device that the server did not know: to be kept, also after signing out, and sent with the next sign-in. */
  readonly deviceToken?: string;
}

/** What a guest gets who becomes an account. */
export type Upgrade = Pick<Grant, 'player' | 'name' | 'recoveryCodes' | 'deviceToken'>;

/** One sign-in in the list of a player's. Times in Unix milliseconds. */
export interface ListedSession {
  readonly session: string;
  /** The one that asks. */
  readonly current: boolean;
  readonly device: string | null;
  /** Where it was last heard of. */
  readonly address: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

export interface Account {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  readonly isGuest: boolean;
  /** As the server wrote it, when it did. */
  readonly createdAt: string | number | undefined;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** What the list of signed-in devices will call this one. */
  readonly device?: string;
  /** Says that this device has signed in to the account before, so that a stranger’s wrong guesses do not keep it out. */
  readonly deviceToken?: string | undefined;
}

export interface Recovery {
  readonly name: string;
  readonly recoveryCode: string;
  /** Of the second factor, where one is on: from the app, or another recovery code. */
  readonly code?: string | undefined;
  readonly newPassword: string;
  readonly device?: string;
}

/** Whom signing out concerns: this session, all others of the account, or all. */
export type LogoutScope = 'local' | 'others' | 'global';

/** Bytes of an export, which lists sign-ins and what was done to the account. */
const longestExport = 4 * 1024 * 1024;

/**
 * The HTTP half of the protocol, for a program: accounts and tokens. Every method throws what AccountHttp throws, with the
 * problem document's code (`name_taken`, `credentials_wrong`, `refresh_token_invalid`, …).
 */
export class AuthClient {
  readonly #http: AccountHttp;

  constructor(http: AccountHttp) {
    this.#http = http;
  }

  async register(credentials: Credentials, binding: Binding = {}): Promise<Grant> {
    return readGrant(await this.#http.post('/auth/register', { body: credentials, ...binding }));
  }

  /** Plays without an account; the server finds a name when none is given. */
  async visit(
    { name, device }: { readonly name?: string | undefined; readonly device?: string },
    binding: Binding = {},
  ): Promise<Grant> {
    const body = { ...(name !== undefined && { name }), ...(device !== undefined && { device }) };
    return readGrant(await this.#http.post('/auth/guest', { body, ...binding }));
  }

  /** Makes an account of a guest; the session and its tokens go on. */
  async upgradeGuest(
    access: HeldToken,
    credentials: Pick<Credentials, 'name' | 'password'>,
  ): Promise<Upgrade> {
    const answer = await this.#http.post('/auth/guest/upgrade', { access, body: credentials });
    const { player, name } = answer ?? {};
    if (typeof player !== 'string' || typeof name !== 'string') throw alien();
    return { player, name, ...readExtras(answer ?? {}) };
  }

  /** Without `askCode`, an account with a second factor is refused as `second_factor_needed`. */
  async login(
    credentials: Credentials,
    { askCode = async () => undefined, ...binding }: Binding & { readonly askCode?: AskCode } = {},
  ): Promise<Grant> {
    const { name, password, device, deviceToken } = credentials;
    const place = {
      ...(device !== undefined && { device }),
      ...(deviceToken !== undefined && { device_token: deviceToken }),
    };
    let ticket: unknown;
    const onProblem = (problem: Record<string, unknown>) => {
      ticket = problem.ticket;
    };
    return await withSecondFactor(
      async (code) =>
        readGrant(
          code === undefined
            ? await this.#http.post('/auth/login', {
                body: { name, password, ...place },
                onProblem,
                ...binding,
              })
            : await this.#http.post('/auth/login/second-factor', {
                body: { ticket, code, ...place },
                ...binding,
              }),
        ),
      askCode,
    );
  }

  async refresh(refreshToken: string, binding: Binding = {}): Promise<Grant> {
    const body = { refresh_token: refreshToken };
    return readGrant(await this.#http.post('/auth/refresh', { body, ...binding }));
  }

  /** Chooses a new password with a recovery code, and signs in. */
  async recover(
    { name, recoveryCode, code, newPassword, device }: Recovery,
    binding: Binding = {},
  ): Promise<Grant> {
    const body = {
      name,
      recovery_code: recoveryCode,
      new_password: newPassword,
      ...(code !== undefined && { code }),
      ...(device !== undefined && { device }),
    };
    return readGrant(await this.#http.post('/auth/recover', { body, ...binding }));
  }

  async sessions(access: HeldToken): Promise<readonly ListedSession[]> {
    const answer = await this.#http.call('GET', '/auth/sessions', { access });
    const listed = answer?.sessions;
    if (!Array.isArray(listed) || !listed.every(isListedSession)) throw alien();
    return listed;
  }

  /** Ends one session of the player. */
  async endSession(access: HeldToken, session: string): Promise<void> {
    await this.#http.call('DELETE', `/auth/sessions/${encodeURIComponent(session)}`, { access });
  }

  async logout(access: HeldToken, scope: LogoutScope = 'local'): Promise<void> {
    await this.#http.post(`/auth/logout?scope=${scope}`, { access });
  }

  async me(access: HeldToken): Promise<Account> {
    const { player, name, session, guest, createdAt } =
      (await this.#http.call('GET', '/auth/me', { access })) ?? {};
    if (typeof player !== 'string' || typeof name !== 'string' || typeof session !== 'string') throw alien();
    const known = typeof createdAt === 'string' || typeof createdAt === 'number';
    const isGuest = guest === true;
    return { player, name, session, isGuest, createdAt: known ? createdAt : undefined };
  }

  /** Everything that the server keeps about the account, in the server's own form. */
  async exportAccount(access: HeldToken): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#http.call('GET', '/auth/export', { access, longest: longestExport });
    if (typeof answer?.player !== 'string') throw alien();
    return answer;
  }

  /** For good. The password is asked for again: being signed in is not enough. */
  async deleteAccount(access: HeldToken, proof: Proof): Promise<void> {
    await this.#http.post('/auth/delete-account', { access, body: proofBody(proof) });
  }
}

/** A grant as the server wrote it. @throws ClientError `protocol` */
export function readGrant(answer: Record<string, unknown> | undefined): Grant {
  const { player, name, session, access_token, expires_in, refresh_token, refresh_expires_in } = answer ?? {};
  if (
    typeof player !== 'string' ||
    typeof name !== 'string' ||
    typeof session !== 'string' ||
    typeof access_token !== 'string' ||
    typeof expires_in !== 'number' ||
    typeof refresh_token !== 'string' ||
    typeof refresh_expires_in !== 'number'
  ) {
    throw alien();
  }
  return {
    player,
    name,
    session,
    isGuest: answer?.guest === true,
    accessToken: access_token,
    expiresIn: expires_in,
    refreshToken: refresh_token,
    bound: answer?.token_type === 'DPoP',
    refreshExpiresIn: refresh_expires_in,
    ...readExtras(answer ?? {}),
  };
}

/** What only some answers have. */
function readExtras({
  recovery_codes: codes,
  recovery_codes_left: left,
  passkeys_removed: removed,
  device_token: device,
}: Record<string, unknown>): Pick<
  Grant,
  'recoveryCodes' | 'recoveryCodesLeft' | 'passkeysRemoved' | 'deviceToken'
> {
  const isCodes = Array.isArray(codes) && codes.every((code) => typeof code === 'string');
  return {
    ...(isCodes && { recoveryCodes: codes }),
    ...(typeof left === 'number' && { recoveryCodesLeft: left }),
    ...(typeof removed === 'number' && { passkeysRemoved: removed }),
    ...(typeof device === 'string' && { deviceToken: device }),
  };
}

function isListedSession(value: unknown): value is ListedSession {
  return (
    isObject(value) &&
    typeof value.session === 'string' &&
    typeof value.current === 'boolean' &&
    (typeof value.device === 'string' || value.device === null) &&
    (typeof value.address === 'string' || value.address === null) &&
    typeof value.createdAt === 'number' &&
    typeof value.lastSeenAt === 'number'
  );
}
