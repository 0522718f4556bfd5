import { ClientError } from './client-error.ts';
import { type AskCode, withSecondFactor } from './second-factor.ts';
import { isObject, parseObject } from './server-message.ts';

/** What registering, signing in and refreshing give. */
export interface Grant {
  readonly player: string;
  readonly name: string;
  readonly session: string;
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** Good for one refresh. */
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  /** After registering: to be written down, not shown again. */
  readonly recoveryCodes?: readonly string[];
  /** After recovering: how many recovery codes are still good. */
  readonly recoveryCodesLeft?: number;
  /** On a device that the server did not know: to be kept, also after signing out, and sent with the next sign-in. */
  readonly deviceToken?: string;
}

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

/** What an account asks for again before its ways in are changed; `code` where a second factor is on. */
export interface Proof {
  readonly current: string;
  readonly code?: string | undefined;
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

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface AuthClientOptions {
  /** `https://HOST:PORT` */
  readonly origin: string;
  readonly fetch?: Fetch;
  /** Milliseconds for one call. Default 30,000: a busy server queues password checks. */
  readonly timeoutMs?: number;
}

/** Bytes of an answer; a grant has about one thousand. */
const longestAnswer = 64 * 1024;
/** The same for an export, which lists sign-ins and what was done to the account. */
const longestExport = 4 * 1024 * 1024;

/**
 * The HTTP half of the protocol: accounts and tokens. Every method throws ClientError: `refused` with the problem
 * document's code (`name_taken`, `credentials_wrong`, `refresh_token_invalid`, …), `unreachable`, `timed_out`, or
 * `protocol` when the answer is not Castling's. Neither redirects nor cookies are followed.
 */
export class AuthClient {
  readonly #origin: string;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;

  constructor(options: AuthClientOptions) {
    this.#origin = options.origin;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  async register(credentials: Credentials): Promise<Grant> {
    return readGrant(await this.#post('/auth/register', { body: credentials }));
  }

  /** Without `askCode`, an account with a second factor is refused as `second_factor_needed`. */
  async login(credentials: Credentials, askCode: AskCode = async () => undefined): Promise<Grant> {
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
            ? await this.#post('/auth/login', { body: { name, password, ...place }, onProblem })
            : await this.#post('/auth/login/second-factor', { body: { ticket, code, ...place } }),
        ),
      askCode,
    );
  }

  async refresh(refreshToken: string): Promise<Grant> {
    return readGrant(await this.#post('/auth/refresh', { body: { refresh_token: refreshToken } }));
  }

  /** Chooses a new password with a recovery code, and signs in. */
  async recover({ name, recoveryCode, code, newPassword, device }: Recovery): Promise<Grant> {
    const body = {
      name,
      recovery_code: recoveryCode,
      new_password: newPassword,
      ...(code !== undefined && { code }),
      ...(device !== undefined && { device }),
    };
    return readGrant(await this.#post('/auth/recover', { body }));
  }

  /** All other sessions of the player end. */
  async changePassword(
    accessToken: string,
    { next, ...proof }: Proof & { readonly next: string },
  ): Promise<void> {
    const body = { ...proofBody(proof), new_password: next };
    await this.#post('/auth/password', { accessToken, body });
  }

  async sessions(accessToken: string): Promise<readonly ListedSession[]> {
    const answer = await this.#call('GET', '/auth/sessions', { accessToken });
    const listed = answer?.sessions;
    if (!Array.isArray(listed) || !listed.every(isListedSession)) throw alien();
    return listed;
  }

  /** Ends one session of the player. */
  async endSession(accessToken: string, session: string): Promise<void> {
    await this.#call('DELETE', `/auth/sessions/${encodeURIComponent(session)}`, { accessToken });
  }

  async logout(accessToken: string, scope: LogoutScope = 'local'): Promise<void> {
    await this.#post(`/auth/logout?scope=${scope}`, { accessToken });
  }

  async me(accessToken: string): Promise<Account> {
    const { player, name, session, createdAt } = (await this.#call('GET', '/auth/me', { accessToken })) ?? {};
    if (typeof player !== 'string' || typeof name !== 'string' || typeof session !== 'string') throw alien();
    const known = typeof createdAt === 'string' || typeof createdAt === 'number';
    return { player, name, session, createdAt: known ? createdAt : undefined };
  }

  /** Everything that the server keeps about the account, in the server's own form. */
  async exportAccount(accessToken: string): Promise<Readonly<Record<string, unknown>>> {
    const answer = await this.#call('GET', '/auth/export', { accessToken, longest: longestExport });
    if (typeof answer?.player !== 'string') throw alien();
    return answer;
  }

  /** For good. The password is asked for again: being signed in is not enough. */
  async deleteAccount(accessToken: string, proof: Proof): Promise<void> {
    await this.#post('/auth/delete-account', { accessToken, body: proofBody(proof) });
  }

  #post(path: string, content: CallContent): Promise<Record<string, unknown> | undefined> {
    return this.#call('POST', path, content);
  }

  async #call(
    method: string,
    path: string,
    { body, accessToken, longest = longestAnswer, onProblem }: CallContent,
  ): Promise<Record<string, unknown> | undefined> {
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#origin + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await readBounded(response, longest);
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      if (cause instanceof DOMException && cause.name === 'TimeoutError') {
        throw new ClientError('timed_out', undefined, { cause });
      }
      throw new ClientError('unreachable', undefined, { cause });
    }
    const answer = parseObject(text);
    if (response.ok) return answer;
    if (answer !== undefined) onProblem?.(answer);
    throw readProblem(response, answer);
  }
}

function proofBody({ current, code }: Proof): object {
  return { current_password: current, ...(code !== undefined && { code }) };
}

interface CallContent {
  /** Sees a problem document before it becomes an error: what is secret in it does not belong into one. */
  readonly onProblem?: (problem: Record<string, unknown>) => void;
  readonly body?: unknown;
  readonly accessToken?: string;
  /** Bytes of the answer. */
  readonly longest?: number;
}

async function readBounded(response: Response, longest: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > longest) throw alien();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function readGrant(answer: Record<string, unknown> | undefined): Grant {
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
    accessToken: access_token,
    expiresIn: expires_in,
    refreshToken: refresh_token,
    refreshExpiresIn: refresh_expires_in,
    ...readExtras(answer ?? {}),
  };
}

/** What only some answers have. */
function readExtras({
  recovery_codes: codes,
  recovery_codes_left: left,
  device_token: device,
}: Record<string, unknown>): Pick<Grant, 'recoveryCodes' | 'recoveryCodesLeft' | 'deviceToken'> {
  const isCodes = Array.isArray(codes) && codes.every((code) => typeof code === 'string');
  return {
    ...(isCodes && { recoveryCodes: codes }),
    ...(typeof left === 'number' && { recoveryCodesLeft: left }),
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

/** An RFC 9457 problem document as a refusal. Anything else that is not a success comes from somebody else. */
function readProblem(response: Response, problem: Record<string, unknown> | undefined): ClientError {
  const httpStatus = response.status;
  if (!isObject(problem) || typeof problem.code !== 'string') {
    const cause = `HTTP status ${httpStatus}`;
    return new ClientError('protocol', undefined, { httpStatus, cause });
  }
  const { code, detail, title, requestId } = problem;
  const reason = [detail, title].find((text) => typeof text === 'string') ?? 'The server refused.';
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ClientError('refused', reason, {
    httpStatus,
    refusal: {
      code,
      reason,
      ...(typeof requestId === 'string' && { requestId }),
      ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfterMs: seconds * 1000 }),
    },
  });
}

function alien(): ClientError {
  return new ClientError('protocol', 'What answered there is not a Castling server.');
}
