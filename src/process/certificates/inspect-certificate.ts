import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../explain-system-error.ts';
import { type AltName, altName, type CertificateRole, filesOf } from './certificate-roles.ts';
import { isDevelopmentCertificate } from './is-development-certificate.ts';

/** A certificate that was read, and its key where that belongs to it. */
export type ReadCertificate = {
  x509: X509Certificate;
  /** PEM, as it lies in the files. */
  certificate: string;
  key: string;
  names: AltName[];
  /** Milliseconds since the epoch. */
  startsAt: number;
  expiresAt: number;
};

/** What lies in the certificates folder for one role. */
export type FoundCertificate =
  | { state: 'missing' }
  | { state: 'damaged'; why: string }
  /** Made by Castling and in one piece. */
  | ({ state: 'whole' } & ReadCertificate)
  /** Issued by somebody else. It is the operator's and is never overwritten, `fault` or no. */
  | { state: 'foreign'; fault: string | undefined; startsAt: number; expiresAt: number };

/**
 * Reads a certificate and its key. One that is unreadable as such, or whose key is another's, is `damaged`, not an
 * error: it can be made anew. Errors of the file system other than "not there" are thrown.
 */
export async function inspectCertificate(folder: string, role: CertificateRole): Promise<FoundCertificate> {
  const files = filesOf(role);
  const [certificate, key] = await Promise.all([
    readIfThere(join(folder, files.certificate)),
    readIfThere(join(folder, files.key)),
  ]);
  if (certificate === undefined) {
    return key === undefined ? { state: 'missing' } : damaged(`${files.certificate} was missing`);
  }
  const x509 = parse(certificate);
  if (x509 === undefined) return damaged(`${files.certificate} was not a certificate`);
  const fault = faultOfKey(x509, key, files.key);
  const startsAt = x509.validFromDate.getTime();
  const expiresAt = x509.validToDate.getTime();
  if (!isDevelopmentCertificate(x509.toString())) return { state: 'foreign', fault, startsAt, expiresAt };
  if (key === undefined || fault !== undefined) return damaged(fault ?? `${files.key} was missing`);
  return {
    state: 'whole',
    x509,
    certificate: certificate.toString(),
    key: key.toString(),
    names: altNamesOf(x509),
    startsAt,
    expiresAt,
  };
}

function damaged(why: string): FoundCertificate {
  return { state: 'damaged', why };
}

function parse(certificate: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}

function faultOfKey(x509: X509Certificate, key: Buffer | undefined, file: string): string | undefined {
  if (key === undefined) return `${file} was missing`;
  try {
    return x509.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : `${file} belonged to another certificate`;
  } catch {
    return `${file} was not a private key`;
  }
}

/** Names of other kinds than DNS and IP do not occur in what Castling issues, and are passed over. */
function altNamesOf(x509: X509Certificate): AltName[] {
  return (x509.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:') || entry.startsWith('IP Address:'))
    .map((entry) => altName(entry.slice(entry.indexOf(':') + 1)));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
