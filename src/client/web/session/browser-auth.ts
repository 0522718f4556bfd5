import { AccountHttp, type Answer, alien } from '../../account-http.ts';
import { type AskCode, withSecondFactor } from '../../second-factor.ts';
import { deviceName } from './device-name.ts';
import { showPasskey } from './web-authn.ts';

/** What signing in gives a page. The refresh token is not in it: that stays in a cookie which no script can read. */
export interface BrowserGrant {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  /** Plays without an account. */
  readonly isGuest: boolean;
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** After registering, and only then: to be shown once. */
  readonly recoveryCodes: readonly string[];
}

export interface BrowserCredentials {
  readonly name: string;
  readonly password: string;
}

/** What a guest gets who becomes an account; the session goes on. */
export type Upgrade = Pick<BrowserGrant, 'name' | 'recoveryCodes'>;

export interface Recovery extends BrowserCredentials {
  readonly code: string;
}

/** The HTTP half of the protocol as a page uses it. Every method throws ClientError. */
export interface BrowserAuth {
  register(credentials: BrowserCredentials): Promise<BrowserGrant>;
  /** `askCode` is called where a second factor is on. */
  login(credentials: BrowserCredentials, askCode: AskCode): Promise<BrowserGrant>;
  /** With a passkey of the account by that name, or with any that the browser has for this server. Throws PasskeyError, too. */
  loginWithPasskey(name: string | undefined): Promise<BrowserGrant>;
  /** Plays at once, under a name that the server finds. */
  visit(): Promise<BrowserGrant>;
  upgradeGuest(accessToken: string, credentials: BrowserCredentials): Promise<Upgrade>;
  /** Gets in with a recovery code and a new password. */
  recover(recovery: Recovery, askCode: AskCode): Promise<BrowserGrant>;
  /** Trades the cookie for a fresh access token, and the server replaces the cookie. */
  refresh(): Promise<BrowserGrant>;
  logout(accessToken: string): Promise<void>;
}

/** The account service of the page's own origin. */
export const pageHttp = new AccountHttp({ origin: '', isPage: true });

const device = () => deviceName(navigator.userAgent);

export const browserAuth: BrowserAuth = {
  register: async (credentials) =>
    readGrant(await pageHttp.post('/auth/register', { body: { ...credentials, device: device() } })),
  login: async (credentials, askCode) => {
    let ticket: unknown;
    const onProblem = (problem: Record<string, unknown>) => {
      ticket = problem.ticket;
    };
    const first = { body: { ...credentials, device: device() }, onProblem };
    return await withSecondFactor(
      async (code) =>
        readGrant(
          code === undefined
            ? await pageHttp.post('/auth/login', first)
            : await pageHttp.post('/auth/login/second-factor', {
                body: { ticket, code: code.trim(), device: device() },
              }),
        ),
      askCode,
    );
  },
  loginWithPasskey: async (name) => {
    const options = await pageHttp.post('/auth/login/passkey/options', {
      body: name === undefined ? {} : { name },
    });
    const passkey = await showPasskey(options);
    return readGrant(await pageHttp.post('/auth/login/passkey', { body: { passkey, device: device() } }));
  },
  visit: async () => readGrant(await pageHttp.post('/auth/guest', { body: {} })),
  upgradeGuest: async (token, credentials) => {
    const answer = await pageHttp.post('/auth/guest/upgrade', { access: { token }, body: credentials });
    if (typeof answer?.name !== 'string') throw alien();
    return { name: answer.name, recoveryCodes: readCodes(answer) };
  },
  recover: async ({ name, code: recoveryCode, password }, askCode) => {
    const body = {
      name,
      recovery_code: recoveryCode.trim(),
      new_password: password,
      device: device(),
    };
    return await withSecondFactor(
      async (code) =>
        readGrant(
          await pageHttp.post('/auth/recover', {
            body: { ...body, ...(code !== undefined && { code: code.trim() }) },
          }),
        ),
      askCode,
    );
  },
  refresh: async () => readGrant(await pageHttp.post('/auth/refresh', { body: {} })),
  logout: async (accessToken) => {
    await pageHttp.post('/auth/logout?scope=local', { access: { token: accessToken } });
  },
};

function readGrant(answer: Answer): BrowserGrant {
  const { player, name, session, access_token: accessToken, expires_in: expiresIn } = answer ?? {};
  if (
    typeof player !== 'string' ||
    typeof name !== 'string' ||
    typeof session !== 'string' ||
    typeof accessToken !== 'string' ||
    typeof expiresIn !== 'number'
  ) {
    throw alien();
  }
  const isGuest = answer?.guest === true;
  return { player, name, session, isGuest, accessToken, expiresIn, recoveryCodes: readCodes(answer) };
}

function readCodes(answer: Answer): readonly string[] {
  const codes = answer?.recovery_codes;
  return Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
}
