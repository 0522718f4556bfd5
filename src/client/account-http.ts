import type { HeldToken, Prover } from './access-token.ts';
import { ClientError } from './client-error.ts';
import { isObject, parseObject } from './server-message.ts';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface AccountHttpOptions {
  /** `https://HOST:PORT`; empty for the origin of the page. */
  readonly origin: string;
  readonly fetch?: Fetch;
  /** Milliseconds for one call. Default 30,000: a busy server queues password checks. */
  readonly timeoutMs?: number;
  /** What this program says it is; a browser says so by itself. */
  readonly program?: string;
  /**
   * For a page, whose refresh token comes and goes as a cookie. The field `Castling-Client` asks for that, and is one that a
   * foreign page cannot send without being asked for it first (a CORS preflight, which the server never grants).
   */
  readonly isPage?: boolean;
}

/** The key that the tokens of a session are to be bound to, where the server can do that: `bound` of the grant tells. */
export interface Binding {
  readonly prover?: Prover;
}

export interface CallContent extends Binding {
  readonly body?: unknown;
  readonly access?: HeldToken | undefined;
  /** Bytes of the answer. */
  readonly longest?: number;
  /** Sees a problem document before it becomes an error: what is secret in it does not belong into one. */
  readonly onProblem?: (problem: Record<string, unknown>) => void;
}

export type Answer = Record<string, unknown> | undefined;

/** Bytes of an answer; a grant has about one thousand. */
const longestAnswer = 64 * 1024;

/**
 * Calls of the account service. Each throws ClientError: `refused` with the problem document's code, `unreachable`,
 * `timed_out`, or `protocol` when the answer is not Castling's. Redirects are not followed.
 */
export class AccountHttp {
  readonly #origin: string;
  readonly #fetch: Fetch;
  readonly #timeoutMs: number;
  readonly #program: string | undefined;
  readonly #isPage: boolean;

  constructor(options: AccountHttpOptions) {
    this.#origin = options.origin;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#program = options.program;
    this.#isPage = options.isPage ?? false;
  }

  async post(path: string, content: CallContent): Promise<Answer> {
    return await this.call('POST', path, content);
  }

  async call(method: string, path: string, content: CallContent): Promise<Answer> {
    const prover = content.access?.prover ?? content.prover;
    const once = async () => await this.#callOnce(method, path, { ...content, ...(prover && { prover }) });
    try {
      return await once();
    } catch (error) {
      // The refusal brought a nonce: with it, the clock of this machine may be as wrong as it is.
      if (prover === undefined || !isProofRefused(error)) throw error;
      return await once();
    }
  }

  async #callOnce(
    method: string,
    path: string,
    { body, access, prover, longest = longestAnswer, onProblem }: CallContent,
  ): Promise<Answer> {
    const [bare = path] = path.split('?');
    const proof = await prover?.prove({
      method,
      url: this.#origin + bare,
      ...(access && { accessToken: access.token }),
    });
    const scheme = access?.prover === undefined ? 'Bearer' : 'DPoP';
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#origin + path, {
        method,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(this.#program !== undefined && { 'user-agent': this.#program }),
          ...(this.#isPage && { 'castling-client': 'browser' }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(access !== undefined && { authorization: `${scheme} ${access.token}` }),
          ...(proof !== undefined && { dpop: proof }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        credentials: this.#isPage ? 'same-origin' : 'omit',
        cache: 'no-store',
        // A refresh must not die with its tab: the server has replaced the cookie, and the answer brings the new one.
        keepalive: this.#isPage,
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      text = await readBounded(response, longest);
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
      throw new ClientError(isLate ? 'timed_out' : 'unreachable', undefined, { cause });
    }
    const nonce = response.headers.get('dpop-nonce');
    if (nonce !== null) prover?.heardNonce(nonce);
    const answer = parseObject(text);
    if (response.ok) return answer;
    if (answer !== undefined) onProblem?.(answer);
    throw readProblem(response, answer);
  }
}

function isProofRefused(error: unknown): boolean {
  const code = error instanceof ClientError ? error.refusal?.code : undefined;
  return code === 'invalid_dpop_proof' || code === 'use_dpop_nonce';
}

async function readBounded(response: Response, longest: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > longest) {
      await reader.cancel();
      throw alien();
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** An RFC 9457 problem document as a refusal. Anything else that is not a success comes from somebody else. */
function readProblem(response: Response, problem: Answer): ClientError {
  const httpStatus = response.status;
  if (!isObject(problem) || typeof problem.code !== 'string') {
    const cause = `HTTP status ${httpStatus}`;
    return new ClientError('protocol', undefined, { httpStatus, cause });
  }
  const { code, detail, title, rule, requestId } = problem;
  const reason = [detail, title].find((text) => typeof text === 'string') ?? 'The server refused.';
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ClientError('refused', reason, {
    httpStatus,
    refusal: {
      code,
      reason,
      ...(typeof rule === 'string' && { rule }),
      ...(typeof requestId === 'string' && { requestId }),
      ...(Number.isFinite(seconds) && seconds >= 0 && { retryAfterMs: seconds * 1000 }),
    },
  });
}

/** The answer is not Castling's. */
export function alien(): ClientError {
  return new ClientError('protocol', 'What answered there is not a Castling server.');
}
