import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { filesOf } from './certificate-roles.ts';
import type { CertificateOutcome } from './ensure-certificates.ts';

/** One line a file: what was done to it and why, and until when it is valid (UTC). */
export function describeOutcome({ path, action, why, expiresAt }: CertificateOutcome): string {
  const reason = why === '' ? '' : ` (${why})`;
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  return `${action.padEnd(7)} ${basename(path).padEnd(15)} valid until ${until}${reason}`;
}

/** Where the CA is, its fingerprint, and how to use it. */
export async function describeAuthority(folder: string): Promise<string[]> {
  const path = join(folder, filesOf('ca').certificate);
  const { fingerprint256 } = new X509Certificate(await readFile(path));
  return [
    `The CA is ${path}`,
    `  SHA-256 ${fingerprint256}`,
    '  On this machine the castling client trusts it by itself; elsewhere, copy it there and give it with --ca FILE.',
  ];
}
