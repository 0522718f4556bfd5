import { X509Certificate } from 'node:crypto';

/**
 * Every certificate of a PEM file, in its order; none when there is none.
 *
 * @throws Error when a block is not a certificate
 */
export function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
}

export const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
