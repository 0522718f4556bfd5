import type { X509Certificate } from 'node:crypto';
import { type LinkFault, linkFault } from '../../process/certificates/index.ts';
import { linkNames } from '../../protocol/link-messages.ts';

const sentences = {
  is_ca: 'it is the certificate of a CA',
  not_signed_directly: 'the CA of the link did not sign it directly',
  other_name: `it has not the DNS name ${linkNames.proxy}`,
  other_usage: 'it is not for the client side alone',
} as const satisfies Record<LinkFault, string>;

/**
 * Why a certificate that TLS has verified is still not a proxy's, or undefined when it is one. TLS checks the
 * chain, the validity and the revocation list; on the link that is not enough.
 */
export function peerFault(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[],
): string | undefined {
  const fault = linkFault(leaf, authorities, { name: linkNames.proxy, usage: 'clientAuth' });
  return fault && sentences[fault];
}
