import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { certificatesIn, isDevelopmentCertificate } from '../../process/certificates/index.ts';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { lifeLeft, renewalDue } from '../../process/live-certificates.ts';
import type { TlsPaths } from '../../process/tls-files.ts';
import { type Finding, fault, note, warning } from '../check.ts';

/** A certificate with its chain that could be read, and everything found wrong with it so far. */
export interface ReadPair {
  /** The server’s own first; empty when there is none to read. */
  readonly chain: readonly X509Certificate[];
  readonly isDevelopment: boolean;
  readonly findings: readonly Finding[];
}

/** How the sentence ends that says what to do about a certificate of ours and of anybody else’s. */
export function renewal(isDevelopment: boolean): string {
  return isDevelopment
    ? 'Run: castling certs'
    : 'Get a new one from its authority, and put it in the place of the old.';
}

/** What is wrong with any pair, whatever it is for: unreadable, of another key, exposed, expired or about to. */
export async function readPair(
  paths: TlsPaths,
  { now, production }: { readonly now: number; readonly production: boolean },
): Promise<ReadPair> {
  const unread = (finding: Finding): ReadPair => ({ chain: [], isDevelopment: false, findings: [finding] });
  let pem: string;
  let key: string;
  try {
    [pem, key] = await Promise.all([readFile(paths.certificate, 'utf8'), readFile(paths.key, 'utf8')]);
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? String(error.path) : paths.certificate;
    return unread(unreadable(error, { path, production }));
  }
  const chain = tryCertificates(pem);
  const [leaf] = chain;
  if (leaf === undefined) {
    return unread(fault(`${paths.certificate} is not a certificate in PEM form.`, renewal(false)));
  }
  const isDevelopment = isDevelopmentCertificate(pem);
  return {
    chain,
    isDevelopment,
    findings: [
      ...keyFindings(leaf, key, paths),
      ...(await exposureFindings(paths.key)),
      ...lifeFindings(leaf, { path: paths.certificate, now, remedy: renewal(isDevelopment) }),
      ...(isDevelopment && production ? [developmentInProduction(paths.certificate)] : []),
    ],
  };
}

/** `castling start` makes what is missing for development, and in production nothing. */
export function unreadable(
  error: unknown,
  { path, production }: { readonly path: string; readonly production: boolean },
): Finding {
  const explained = explainSystemError(error, { doing: 'read', path });
  if (explained === undefined) throw error;
  if (explained.code === 'file_missing' && !production) {
    return note(`${path} is not there yet; \`castling start\` makes it if it is one for development.`);
  }
  return fault(explained.message, 'Put the file there, where this account can read it.');
}

function tryCertificates(pem: string): X509Certificate[] {
  try {
    return certificatesIn(pem);
  } catch {
    return [];
  }
}

function keyFindings(leaf: X509Certificate, key: string, paths: TlsPaths): Finding[] {
  const remedy = 'Give the two files that belong together.';
  try {
    if (leaf.checkPrivateKey(createPrivateKey(key))) return [];
    return [fault(`${paths.key} is not the key of ${paths.certificate}.`, remedy)];
  } catch {
    return [fault(`${paths.key} is not a private key in PEM form without a password.`, remedy)];
  }
}

async function exposureFindings(path: string): Promise<Finding[]> {
  if (process.platform === 'win32' || ((await stat(path)).mode & 0o077) === 0) return [];
  return [fault(`Other accounts may read the private key ${path}.`, `Run: chmod 600 ${path}`)];
}

export function lifeFindings(
  certificate: X509Certificate,
  { path, now, remedy }: { readonly path: string; readonly now: number; readonly remedy: string },
): Finding[] {
  const { validFromDate, validToDate } = certificate;
  if (validFromDate.getTime() > now) {
    const says = `${path} is valid only from ${dayOf(validFromDate)} on, which is in the future here.`;
    return [fault(says, 'Set this machine’s clock, or wait.')];
  }
  if (validToDate.getTime() <= now) return [fault(`${path} has expired on ${dayOf(validToDate)}.`, remedy)];
  if (lifeLeft(certificate, now) > renewalDue) return [];
  return [warning(`${path} ends on ${dayOf(validToDate)}: a third of its life is left, or less.`, remedy)];
}

function developmentInProduction(path: string): Finding {
  return fault(
    `${path} is a development certificate, and NODE_ENV is production.`,
    'List certificates of your own under tls.certificates, or order one with tls.acme; the link takes those of your own CA.',
  );
}

export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
