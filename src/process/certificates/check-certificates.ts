import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CERTIFICATE_ROLES, type CertificateRole, filesOf } from './certificate-roles.ts';
import type { FoundCertificate } from './inspect-certificate.ts';
import { inspectFolder } from './inspect-folder.ts';
import { proxyNames } from './proxy-names.ts';
import { planRenewal } from './renewal-plan.ts';

/** Something wrong with the certificate of one role. */
export type CertificateFault = { role: CertificateRole; path: string; fault: string };

/**
 * Verifies what lies in the folder and changes nothing: each certificate whole, within its validity, for its use,
 * signed by the CA beside it, and its key readable by the owner only. Of a certificate that somebody else issued,
 * only the key and the validity are judged. Returns the faults; none when all is well.
 */
export async function checkDevelopmentCertificates(request: {
  folder: string;
  names?: readonly string[];
  now?: () => number;
  host?: string;
}): Promise<CertificateFault[]> {
  const { folder } = request;
  const now = (request.now ?? Date.now)();
  const found = await inspectFolder(folder);
  const plan = planRenewal({ found, proxyNames: proxyNames(request.names, request.host), now });
  const faults: CertificateFault[] = [];
  for (const role of CERTIFICATE_ROLES) {
    const files = filesOf(role);
    const verdict = plan[role];
    const fault =
      (verdict.renew ? verdict.why : faultOfForeign(found[role], now)) ??
      ((await isExposed(join(folder, files.key))) ? `other accounts can read ${files.key}` : undefined);
    if (fault !== undefined) faults.push({ role, path: join(folder, files.certificate), fault });
  }
  return faults;
}

function faultOfForeign(found: FoundCertificate, now: number): string | undefined {
  if (found.state !== 'foreign') return undefined;
  if (found.fault !== undefined) return found.fault;
  if (found.expiresAt <= now) return 'expired';
  return found.startsAt > now ? 'not valid yet' : undefined;
}

/** A key that is not there (that of somebody else's CA, for instance) is no concern here. */
async function isExposed(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && (found.mode & 0o077) !== 0;
}
