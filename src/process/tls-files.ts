import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDevelopmentCertificate } from './certificates/index.ts';
import { explainSystemError } from './explain-system-error.ts';
import { OperatorError } from './operator-error.ts';

/** Where the TLS material of a listener or a dialler lies. */
export type TlsPaths = { certificate: string; key: string; ca?: string };

/** The same, read and verified; PEM. `certificate` may be a chain, leaf first. */
export type TlsMaterial = { certificate: string; key: string; ca?: string };

/**
 * Reads a certificate, its key and (on the link) the CA of the other side, and refuses what could only fail later:
 * a file that is missing or no PEM, a key of another certificate, a certificate out of its validity, and in
 * production a development certificate.
 *
 * @throws OperatorError `file_missing`, `file_unreadable`, `certificate_invalid`, `development_certificate_refused`.
 */
export async function readTlsFiles(
  paths: TlsPaths,
  options: { production?: boolean; now?: () => number } = {},
): Promise<TlsMaterial> {
  const certificate = await readPem(paths.certificate);
  const key = await readPem(paths.key);
  const ca = paths.ca === undefined ? undefined : await readPem(paths.ca);

  const leaf = parseCertificate(certificate, paths.certificate);
  checkKey(leaf, key, paths);
  checkValidity(leaf, paths.certificate, (options.now ?? Date.now)());
  if (ca !== undefined && paths.ca !== undefined) parseCertificate(ca, paths.ca);
  if (options.production ?? process.env.NODE_ENV === 'production') {
    for (const [pem, path] of [
      [certificate, paths.certificate],
      [ca ?? '', paths.ca ?? ''],
    ] as const) {
      refuseDevelopmentCertificate(pem, path);
    }
  }
  return ca === undefined ? { certificate, key } : { certificate, key, ca };
}

function refuseDevelopmentCertificate(pem: string, path: string): void {
  if (!isDevelopmentCertificate(pem)) return;
  throw new OperatorError(
    'development_certificate_refused',
    `${path} is a development certificate and NODE_ENV is production; give a certificate of your own CA or of a public one.`,
  );
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path }) ?? error;
  }
}

function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new OperatorError('certificate_invalid', `${path} is not a certificate in PEM form.`, { cause });
  }
}

function checkKey(leaf: X509Certificate, key: string, paths: TlsPaths): void {
  let matches: boolean;
  try {
    matches = leaf.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new OperatorError('certificate_invalid', `${paths.key} is not a private key in PEM form.`, {
      cause,
    });
  }
  if (!matches) {
    throw new OperatorError(
      'certificate_invalid',
      `${paths.key} is not the key of ${paths.certificate}; give the two files that belong together.`,
    );
  }
}

function checkValidity(leaf: X509Certificate, path: string, now: number): void {
  if (leaf.validToDate.getTime() <= now) {
    throw new OperatorError('certificate_invalid', `${path} expired on ${leaf.validTo}; renew it.`);
  }
  if (leaf.validFromDate.getTime() > now) {
    throw new OperatorError(
      'certificate_invalid',
      `${path} is valid only from ${leaf.validFrom} on; check this machine’s clock.`,
    );
  }
}
