import type { Duplex } from 'node:stream';
import type { EdgeCertificates } from '../listener/certificates/edge-certificates.ts';

/** On every HTTPS answer, refusals and errors too. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** How long browsers are to come back over HTTPS only (RFC 6797 section 6.1). */
export interface StrictTransport {
  /** Seconds; 0 tells browsers to forget. */
  readonly maxAge: number;
  /** Also for names below this one, whatever else they serve. */
  readonly includeSubDomains: boolean;
}

/** Two years, and names below: what the browsers' preload list and Mozilla's guidelines ask for. */
export const strictTransport: StrictTransport = { maxAge: 63_072_000, includeSubDomains: true };

/** The fields that every answer on this connection carries. */
export type AnswerHeaders = (socket: Duplex) => Readonly<Record<string, string>>;

/**
 * The security headers, with `Strict-Transport-Security` on connections that were made under a certificate of the operator's own, and
 * without it under a development certificate: that one is for `localhost`, where a browser that trusts it would from then on
 * insist on HTTPS for every other program on every port of this machine (RFC 6797 section 8.3 knows no ports).
 */
export function answerHeaders(
  certificates: Pick<EdgeCertificates, 'isForDevelopment'>,
  strict: () => StrictTransport,
): AnswerHeaders {
  return (socket) => {
    if (certificates.isForDevelopment(serverNameOf(socket))) return securityHeaders;
    const { maxAge, includeSubDomains } = strict();
    const value = `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}`;
    return { 'strict-transport-security': value, ...securityHeaders };
  };
}

/** The name that the client asked for in its TLS handshake. */
function serverNameOf(socket: Duplex): string | undefined {
  return 'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
}
