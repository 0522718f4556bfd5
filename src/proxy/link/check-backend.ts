import type { X509Certificate } from 'node:crypto';
import { type LinkFault, linkFault } from '../../process/certificates/index.ts';
import { linkNames } from '../../protocol/link-messages.ts';

const sentences = {
  is_ca: 'a CA certificate',
  not_signed_directly: 'not signed directly by the link CA',
  other_name: `no DNS name ${linkNames.backend} in subjectAltName`,
  other_usage: 'not for TLS servers (extended key usage)',
} as const satisfies Record<LinkFault, string>;

/**
 * What is wrong with the certificate that a backend showed, or `undefined` when nothing is. TLS has verified the chain
 * already; this demands more than TLS does.
 */
export function backendFault(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): string | undefined {
  const fault = linkFault(certificate, authorities, { name: linkNames.backend, usage: 'serverAuth' });
  return fault && sentences[fault];
}
