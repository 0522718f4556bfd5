import { X509Certificate } from 'node:crypto';
import { linkNames } from '../../protocol/link-messages.ts';

export type BackendFault =
  | 'not signed directly by the link CA'
  | 'no DNS name backend.castling.internal in subjectAltName'
  | 'not for TLS servers (extended key usage)'
  | 'a CA certificate';

/** RFC 5280 section 4.2.1.12, id-kp-serverAuth. */
const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * What is wrong with the certificate that a backend showed, or `undefined` when nothing is. TLS has verified the chain
 * already; this demands more than TLS does. The name must be a DNS entry of subjectAltName (RFC 6125 section 6.4.4: a
 * common name or an address is no identity), spelled out rather than matched by a wildcard, and the link's own CA must have signed
 * the certificate itself, so that no intermediate can speak for a backend.
 */
export function backendFault(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): BackendFault | undefined {
  if (certificate.ca) return 'a CA certificate';
  const isOurs = authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  if (!isOurs) return 'not signed directly by the link CA';
  const name = certificate.checkHost(linkNames.backend, {
    subject: 'never',
    wildcards: false,
    partialWildcards: false,
  });
  if (name === undefined) return 'no DNS name backend.castling.internal in subjectAltName';
  if (certificate.keyUsage?.includes(serverAuth) !== true) return 'not for TLS servers (extended key usage)';
  return undefined;
}

/** Every certificate of a PEM file. */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(pemBlock) ?? []).map((block) => new X509Certificate(block));
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
