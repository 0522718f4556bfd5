import type { RefusalCode } from '../protocol/refusals.ts';
import type { SessionEnd } from './schema.ts';

/**
 * Everything that accounts, passwords, tokens and sessions can say no with. `rpc` is the refusal that a socket gives for
 * the same reason; codes without one occur over HTTP only. `retryable`: the same request may succeed later, unchanged.
 */
export const authErrors = {
  // requests
  body_invalid: entry(400, 'The request does not fit this address.'),
  body_too_large: entry(413, 'The request body is too large.'),
  origin_refused: entry(403, 'Pages of this origin may not do that here.', { level: 'info' }),
  media_type_unsupported: entry(415, 'Send application/json in UTF-8, without a content coding.'),
  // accounts
  name_refused: entry(400, 'This name cannot be used.'),
  name_taken: entry(409, 'This name, or one that looks like it, is taken.'),
  guests_refused: entry(403, 'Guests are not let in here; make an account.', { level: 'info' }),
  too_many_guests: entry(429, 'Too many guests came from your network; make an account, or come later.', {
    retryable: true,
    level: 'info',
  }),
  not_a_guest: entry(409, 'This is an account already, not a guest.'),
  password_refused: entry(400, 'This password cannot be used.'),
  credentials_wrong: entry(401, 'The name or the password is wrong.', { level: 'info' }),
  password_wrong: entry(403, 'The present password is wrong.', { level: 'info' }),
  recovery_refused: entry(401, 'The name or the recovery code is wrong, or the code was used before.', {
    level: 'info',
  }),
  second_factor_needed: entry(403, 'The password is right; now the code of your second factor.', {
    level: 'info',
  }),
  second_factor_wrong: entry(403, 'This code is wrong, has passed, or was used before.', { level: 'info' }),
  sign_in_ticket_invalid: entry(401, 'This sign-in has taken too long or too many tries; begin again.', {
    level: 'info',
  }),
  passkey_refused: entry(403, 'This passkey does not open an account here, or took too long; try again.', {
    level: 'info',
  }),
  passkey_known: entry(409, 'This passkey is registered here already.'),
  passkey_unknown: entry(404, 'You have no such passkey.'),
  passkeys_full: entry(409, 'You have as many passkeys as are kept; remove one first.'),
  passkeys_unavailable: entry(
    409,
    'Passkeys work only where the server is reached by a name that its certificate is for.',
  ),
  last_way_in: entry(409, 'Nothing else would open this account; set a password first.'),
  // the device flow; codes and status of RFC 8628 section 3.5
  authorization_pending: entry(400, 'Nobody has let this terminal in yet; ask again later.'),
  slow_down: entry(400, 'Ask less often.'),
  access_denied: entry(400, 'Somebody has refused to let this terminal in.', { level: 'info' }),
  expired_token: entry(400, 'This took too long; begin again.'),
  user_code_unknown: entry(404, 'No terminal waits with this code, or not any more.', { level: 'info' }),
  totp_on: entry(409, 'An authenticator app is set up already; turn it off first.'),
  totp_off: entry(409, 'No authenticator app is being set up.'),
  too_many_attempts: entry(
    429,
    'Too many wrong tries; wait, or sign in on a device where you have signed in before.',
    { retryable: true, level: 'info' },
  ),
  // access tokens, in the order of the checks
  token_missing: entry(401, 'Sign in first: send an access token.', { rpc: 'not_signed_in' }),
  token_too_large: entry(401, 'The access token is too large.', { rpc: 'token_invalid' }),
  token_malformed: entry(401, 'The access token is not in compact form.', { rpc: 'token_invalid' }),
  token_header_refused: entry(401, 'The header of the access token is not acceptable.', {
    rpc: 'token_invalid',
  }),
  token_key_unknown: entry(401, 'The access token names no key in use here.', { rpc: 'token_invalid' }),
  token_signature_wrong: entry(401, 'The signature of the access token is wrong.', {
    rpc: 'token_invalid',
    level: 'warn',
  }),
  token_claims_refused: entry(401, 'The access token was not made for this service.', {
    rpc: 'token_invalid',
  }),
  token_expired: entry(401, 'The access token has expired; refresh it.', { rpc: 'token_expired' }),
  // proofs of possession, by the names that RFC 9449 gives them
  invalid_dpop_proof: entry(401, 'The proof that you have the key of this sign-in is missing or wrong.', {
    rpc: 'token_invalid',
    level: 'info',
  }),
  use_dpop_nonce: entry(
    401,
    'The proof has a nonce that is too old; use the one that came with this answer.',
    {
      rpc: 'token_invalid',
    },
  ),

  // sessions
  session_ended: entry(401, 'This session has ended; sign in again.', { rpc: 'session_ended' }),
  session_unknown: entry(404, 'You have no such session.'),
  refresh_token_invalid: entry(401, 'The refresh token is not valid; sign in again.', { level: 'info' }),
  // the service itself
  busy: entry(503, 'Too many people are signing in right now; try again in a moment.', {
    retryable: true,
    level: 'warn',
  }),
  issuer_unavailable: entry(
    503,
    'Whoever issued this token cannot be asked for its keys; try again in a moment.',
    {
      retryable: true,
      level: 'warn',
      rpc: 'internal_error',
    },
  ),
  store_unavailable: entry(503, 'The account database cannot be used right now; try again in a moment.', {
    retryable: true,
    level: 'error',
    rpc: 'internal_error',
  }),
  internal: entry(500, 'The server failed; nothing was changed.', {
    retryable: true,
    level: 'error',
    rpc: 'internal_error',
  }),
} as const satisfies Record<string, AuthErrorEntry>;

export type AuthErrorCode = keyof typeof authErrors;

export interface AuthErrorEntry {
  readonly httpStatus: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly rpc: RefusalCode | undefined;
}

export interface AuthErrorDetail {
  /** A more exact sentence than the catalogue's, for the person who asked. Never holds what they sent. */
  readonly detail?: string;
  /** The one check that refused, such as `password.common`. */
  readonly rule?: string;
  /** Whole seconds after which the same request is worth sending again. */
  readonly retryAfterSeconds?: number;
  /** Only of `second_factor_needed` at a sign-in: what stands for the password meanwhile. A secret. */
  readonly ticket?: SignInTicket;
  /** Only of `session_ended`: why it ended, where that is known. */
  readonly because?: SessionEnd;
  readonly cause?: unknown;
}

export interface SignInTicket {
  readonly ticket: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** A no from this component. Callers switch on `code`; the message is for people and holds no secret. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;
  readonly rule: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly because: SessionEnd | undefined;
  readonly #ticket: SignInTicket | undefined;

  constructor(code: AuthErrorCode, details: AuthErrorDetail = {}) {
    const {
      detail,
      because,
      rule = because && `session.${because}`,
      retryAfterSeconds,
      ticket,
      cause,
    } = details;
    super(detail ?? authErrors[code].title, cause === undefined ? undefined : { cause });
    this.code = code;
    this.rule = rule;
    this.retryAfterSeconds = retryAfterSeconds;
    this.because = because;
    this.#ticket = ticket;
  }

  /** Private to the object, so that no logger that walks its members finds it. */
  get ticket(): SignInTicket | undefined {
    return this.#ticket;
  }

  get httpStatus(): number {
    return authErrors[this.code].httpStatus;
  }

  get retryable(): boolean {
    return authErrors[this.code].retryable;
  }

  /** The refusal that a socket gives for this error; `undefined` when it can only happen over HTTP. */
  get rpcCode(): RefusalCode | undefined {
    return authErrors[this.code].rpc;
  }
}

function entry(
  httpStatus: number,
  title: string,
  { retryable = false, level = 'debug', rpc }: Partial<Omit<AuthErrorEntry, 'httpStatus' | 'title'>> = {},
): AuthErrorEntry {
  return { httpStatus, title, retryable, level, rpc };
}
