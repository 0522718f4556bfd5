import { X509Certificate } from 'node:crypto';
import { linkNames } from '../../protocol/link-messages.ts';

/** `id-kp-clientAuth`, RFC 5280 section 4.2.1.12. */
const clientAuth = '1.3.6.1.5.5.7.3.2';

/**
 * Why a certificate that TLS has verified is still not a proxy's, or undefined when it is one. TLS checks the
 * chain, the validity and the revocation list; on the link that is not enough: the link's own CA must have
 * signed the certificate itself, with no CA between, for the client side and no other, and for the proxy's
 * name.
 */
export function peerFault(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[],
): string | undefined {
  if (leaf.ca) return 'it is the certificate of a CA';
  const isDirect = authorities.some((ca) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
  if (!isDirect) return 'the CA of the link did not sign it directly';
  // `keyUsage` is Node's name for the extended key usage.
  const usages: readonly string[] = leaf.keyUsage ?? [];
  if (usages.length !== 1 || usages[0] !== clientAuth) return 'it is not for the client side alone';
  const name = leaf.checkHost(linkNames.proxy, {
    subject: 'never',
    wildcards: false,
    partialWildcards: false,
  });
  return name === linkNames.proxy ? undefined : `it has not the DNS name ${linkNames.proxy}`;
}

/** Every certificate of a PEM file, in order. */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}
