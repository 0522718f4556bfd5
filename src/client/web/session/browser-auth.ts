import { AccountHttp, type Answer, alien } from '../../account-http.ts';

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
  login(credentials: BrowserCredentials): Promise<BrowserGrant>;
  /** Plays at once, under a name that the server finds. */
  visit(): Promise<BrowserGrant>;
  upgradeGuest(accessToken: string, credentials: BrowserCredentials): Promise<Upgrade>;
  /** Gets in with a recovery code and a new password. */
  recover(recovery: Recovery): Promise<BrowserGrant>;
  /** Trades the cookie for a fresh access token, and the server replaces the cookie. */
  refresh(): Promise<BrowserGrant>;
  logout(accessToken: string): Promise<void>;
}

/** Talks to the page's own origin. */
const http = new AccountHttp({ origin: '', isPage: true });

export const browserAuth: BrowserAuth = {
  register: async (credentials) => readGrant(await http.post('/auth/register', { body: credentials })),
  login: async (credentials) => readGrant(await http.post('/auth/login', { body: credentials })),
  visit: async () => readGrant(await http.post('/auth/guest', { body: {} })),
  upgradeGuest: async (token, credentials) => {
    const answer = await http.post('/auth/guest/upgrade', { access: { token }, body: credentials });
    if (typeof answer?.name !== 'string') throw alien();
    return { name: answer.name, recoveryCodes: readCodes(answer) };
  },
  recover: async ({ name, code, password }) =>
    readGrant(
      await http.post('/auth/recover', {
        body: { name, recovery_code: code.trim(), new_password: password },
      }),
    ),
  refresh: async () => readGrant(await http.post('/auth/refresh', { body: {} })),
  logout: async (accessToken) => {
    await http.post('/auth/logout?scope=local', { access: { token: accessToken } });
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
