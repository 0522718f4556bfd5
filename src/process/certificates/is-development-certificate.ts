import { X509Certificate } from 'node:crypto';
import { DEVELOPMENT_CA_NAME } from './certificate-roles.ts';
import { PEM_CERTIFICATE } from './certificates-in.ts';

/**
 * True when a PEM file, with one certificate or a chain, contains a development CA or something issued by one. A
 * production start refuses it. Text that holds no certificate is not one.
 */
export function isDevelopmentCertificate(pem: string): boolean {
  return (pem.match(PEM_CERTIFICATE) ?? []).some((block) => {
    try {
      const { issuer, subject } = new X509Certificate(block);
      return [issuer, subject].some((name) => name.includes(`CN=${DEVELOPMENT_CA_NAME} `));
    } catch {
      return false;
    }
  });
}
