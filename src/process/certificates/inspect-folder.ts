import type { CertificateRole } from './certificate-roles.ts';
import { type FoundCertificate, inspectCertificate } from './inspect-certificate.ts';

/** What lies in the folder, for every role. */
export async function inspectFolder(folder: string): Promise<Record<CertificateRole, FoundCertificate>> {
  const [ca, proxy, linkServer, linkClient] = await Promise.all([
    inspectCertificate(folder, 'ca'),
    inspectCertificate(folder, 'proxy'),
    inspectCertificate(folder, 'link-server'),
    inspectCertificate(folder, 'link-client'),
  ]);
  return { ca, proxy, 'link-server': linkServer, 'link-client': linkClient };
}
