/** Why a link connection could not be made, or ended. `expected` ones happen in ordinary operation. */
export const linkErrors = {
  unreachable: { text: 'The backend cannot be reached.', expected: true },
  dial_timeout: { text: 'The backend did not finish the TLS handshake in time.', expected: true },
  handshake_failed: { text: 'The TLS handshake with the backend failed.', expected: false },
  backend_not_trusted: { text: 'The backend’s certificate is not one of this link.', expected: false },
  hello_timeout: { text: 'The backend did not say hello in time.', expected: false },
  hello_unfit: { text: 'The backend’s hello does not fit this proxy.', expected: false },
  silent: { text: 'The backend has been silent for too long.', expected: true },
  ended: { text: 'The connection to the backend ended.', expected: true },
  gone_away: { text: 'The backend asked this proxy to dial again.', expected: true },
  protocol_error: { text: 'The backend broke the link protocol.', expected: false },
  closed_here: { text: 'This proxy closed the link.', expected: true },
} as const;

export type LinkErrorCode = keyof typeof linkErrors;

export class LinkError extends Error {
  override readonly name = 'LinkError';
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, options?: { cause?: unknown }) {
    super(linkErrors[code].text, options);
    this.code = code;
  }
}
