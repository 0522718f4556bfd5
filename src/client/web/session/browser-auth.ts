import { ClientError, type ReceivedRefusal } from '../../client-error.ts';
import { isObject, parseObject } from '../../server-message.ts';

/** What signing in gives a page. The refresh token is not in it: that stays in a cookie which no script can read. */
export interface BrowserGrant {
  readonly player: string;
  readonly name: string;
  readonly session: string;
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

export interface Recovery extends BrowserCredentials {
  readonly code: string;
}

/** The HTTP half of the protocol as a page uses it. Every method throws ClientError. */
export interface BrowserAuth {
  register(credentials: BrowserCredentials): Promise<BrowserGrant>;
  login(credentials: BrowserCredentials): Promise<BrowserGrant>;
  /** Gets in with a recovery code and a new password. */
  recover(recovery: Recovery): Promise<BrowserGrant>;
  /** Trades the cookie for a fresh access token, and the server replaces the cookie. */
  refresh(): Promise<BrowserGrant>;
  logout(accessToken: string): Promise<void>;
}

/** Milliseconds for one call: a busy server queues password checks. */
const timeoutMs = 30_000;

/**
 * Talks to the page's own origin. `Castling-Client` asks for the cookie, and is a header that a foreign page cannot send
 * without being asked for it first (a CORS preflight, which this server never grants).
 */
export const browserAuth: BrowserAuth = {
  register: async (credentials) => readGrant(await post('/auth/register', { body: credentials })),
  login: async (credentials) => readGrant(await post('/auth/login', { body: credentials })),
  recover: async ({ name, code, password }) =>
    readGrant(
      await post('/auth/recover', { body: { name, recovery_code: code.trim(), new_password: password } }),
    ),
  refresh: async () => readGrant(await post('/auth/refresh', { body: {} })),
  logout: async (accessToken) => {
    await post('/auth/logout?scope=local', { accessToken });
  },
};

async function post(
  path: string,
  { body, accessToken }: { readonly body?: unknown; readonly accessToken?: string },
): Promise<Record<string, unknown> | undefined> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: {
        accept: 'application/json, application/problem+json',
        'castling-client': 'browser',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      // A refresh must not die with its tab: the server has replaced the cookie, and the answer brings the new one.
      keepalive: true,
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
    throw new ClientError(isLate ? 'timed_out' : 'unreachable', undefined, { cause });
  }
  const answer = parseObject(text);
  if (response.ok) return answer;
  throw readProblem(response, answer);
}

function readGrant(answer: Record<string, unknown> | undefined): BrowserGrant {
  const { player, name, session, access_token: accessToken, expires_in: expiresIn } = answer ?? {};
  if (
    typeof player !== 'string' ||
    typeof name !== 'string' ||
    typeof session !== 'string' ||
    typeof accessToken !== 'string' ||
    typeof expiresIn !== 'number'
  ) {
    throw new ClientError('protocol');
  }
  const codes = answer?.recovery_codes;
  const recoveryCodes = Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
  return { player, name, session, accessToken, expiresIn, recoveryCodes };
}

function readProblem(response: Response, problem: Record<string, unknown> | undefined): ClientError {
  const httpStatus = response.status;
  if (!isObject(problem) || typeof problem.code !== 'string') {
    return new ClientError('protocol', undefined, { httpStatus });
  }
  const { code, detail, title, rule, requestId } = problem;
  const reason = [detail, title].find((text) => typeof text === 'string') ?? '';
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const refusal: ReceivedRefusal = {
    code,
    reason,
    ...(typeof rule === 'string' && { rule }),
    ...(typeof requestId === 'string' && { requestId }),
    ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfterMs: seconds * 1000 }),
  };
  return new ClientError('refused', reason, { httpStatus, refusal });
}
