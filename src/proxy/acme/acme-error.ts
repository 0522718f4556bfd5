/** What can go wrong between us and a certificate authority. */
export const acmeErrors = {
  unreachable: { message: 'The certificate authority cannot be reached.' },
  answer_invalid: { message: 'The certificate authority answered in a way that ACME does not know.' },
  terms_not_agreed: { message: 'The certificate authority wants its terms agreed to.' },
  account_refused: { message: 'The certificate authority refused the account.' },
  order_refused: { message: 'The certificate authority refused the order.' },
  challenge_missing: { message: 'The certificate authority offers no http-01 challenge for a name.' },
  challenge_failed: {
    message:
      'The certificate authority could not fetch the proof: the name must lead here, and its port 80 to the plain HTTP port.',
  },
  rate_limited: { message: 'The certificate authority asks to wait.' },
  too_slow: { message: 'The certificate authority took too long to decide.' },
  certificate_invalid: { message: 'The certificate authority sent a certificate that does not fit.' },
} as const satisfies Record<string, { message: string }>;

export type AcmeErrorCode = keyof typeof acmeErrors;

export interface AcmeErrorOptions {
  readonly cause?: unknown;
  /** What the authority said, shortened; for the log. */
  readonly detail?: string | undefined;
  /** Milliseconds that the authority wants us to wait. */
  readonly retryAfterMs?: number | undefined;
}

export class AcmeError extends Error {
  readonly code: AcmeErrorCode;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: AcmeErrorCode, { cause, detail, retryAfterMs }: AcmeErrorOptions = {}) {
    super(acmeErrors[code].message, cause === undefined ? undefined : { cause });
    this.name = 'AcmeError';
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}
